#include "health/http_probe.h"

#include <fmt/format.h>

#include "backends/server_session.h"

namespace reseal::health {
namespace {

std::string ranges_text(const std::vector<std::pair<int, int>>& ranges) {
  std::string text;
  for (const auto& [low, high] : ranges) {
    text += text.empty() ? "" : ",";
    text += low == high ? std::to_string(low) : fmt::format("{}-{}", low, high);
  }
  return text;
}

}  // namespace

HttpProbe::HttpProbe(net::Loop& loop, const config::Check& settings, backends::ServerProtocol protocol,
                     const std::string& host, ProbeEvents& events)
    : Probe(loop, settings.timeout, events),
      settings_(settings),
      protocol_(protocol),
      request_(loop.buffers()),
      response_(loop.buffers()) {
  request_.method_text = request_.arena.copy(settings.method);
  request_.method = settings.method == "HEAD" ? http::Method::kHead : http::Method::kGet;
  request_.target = request_.arena.copy(settings.path);
  request_.authority = request_.arena.copy(settings.host.empty() ? host : settings.host);
  request_.add(http::FieldName::kUserAgent, "User-Agent", "reseal-health-check");
  if (protocol == backends::ServerProtocol::kHttp1) {
    request_.add(http::FieldName::kConnection, "Connection", "close");
  }
}

void HttpProbe::ask(net::ByteStream& stream) {
  session_ = backends::make_session(protocol_, secured(), loop_, stream, *this);
  if (session_ == nullptr) {
    fail("the server does not agree to h2 (ALPN)");
    return;
  }
  http::RequestWriter& writer = session_->open_request();
  writer.send_head(request_, *this);
  writer.send_end({});
  session_->write_output();
}

void HttpProbe::on_answer(std::string_view bytes) {
  session_->feed(bytes);
  session_->write_output();
}

void HttpProbe::on_response_head(http::ResponseHead& head) {
  status_ = head.status;
  // The head is the answer; the connection ends here, so a body of any size costs nothing.
  for (const auto& [low, high] : settings_.expect_status) {
    if (head.status >= low && head.status <= high) {
      pass(fmt::format("HTTP {}", head.status), loop_.now());
      return;
    }
  }
  fail(fmt::format("HTTP {}, expected {}", head.status, ranges_text(settings_.expect_status)));
}

void HttpProbe::on_response_failed(const Error& error) {
  fail(error.detail);
}

}  // namespace reseal::health
