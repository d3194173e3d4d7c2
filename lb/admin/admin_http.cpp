#include "lb/admin/admin_http.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "lb/base/text.h"
#include "lb/http/h1_server.h"
#include "lb/http/head_rules.h"
#include "lb/net/tcp_stream.h"
#include "lb/proxy/error_policy.h"
#include "lb/stats/json.h"
#include "lb/stats/prometheus.h"

namespace reseal::admin {
namespace {

constexpr std::size_t kMostConnections = 128;
constexpr Duration kPatience{30000};  // for a whole request, and for the taking of its response
constexpr Duration kLinger{2000};     // for the client to end its side after the last response
constexpr http::HeadLimits kLimits{.head_bytes = 8192, .target_bytes = 1024, .fields = 64};

struct Page {
  int status;
  std::string_view type;
  std::string text;
};

constexpr const char* kOtherHost =
    "this address is asked for by an IP address, as localhost or by a name of admin: { http_hosts: ... }\n";
constexpr std::string_view kPlain = "text/plain; charset=utf-8";

Page page_for(const http::RequestHead& request, runtime::Control& control) {
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    return {405, kPlain, "only GET and HEAD are served here\n"};
  }
  const std::string_view path = request.path();
  if (path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8", stats::prometheus_text(control.snapshot())};
  if (path == "/stats.json") return {200, "application/json", stats::json_text(control.snapshot())};
  if (path == "/health") {
    return control.is_draining() ? Page{503, kPlain, "draining\n"} : Page{200, kPlain, "ok\n"};
  }
  const std::string index =
      "/metrics     for Prometheus\n/health      200 while serving, 503 while draining\n/stats.json  "
      "the same statistics as JSON\n";
  if (path == "/") return {200, kPlain, "reseal\n\n" + index};
  return {404, kPlain, "there is no such page; there are:\n" + index};
}

}  // namespace

/// One client of the admin address. Request bodies are not read: such a request is answered at once and its
/// connection ends. A client that pipelines and does not read has at most a page and a receive buffer held
/// for it.
///
///   kServing ──last response──► kEnding ──all sent──► kLingering ──client's end / too late──► kClosed
///   any ──failure / timeout──► kClosed
class AdminHttp::Connection final : public Disposable,
                                    public net::StreamEvents,
                                    public http::ServerSessionEvents,
                                    public http::RequestEvents,
                                    public ListNode<ConnectionTag> {
 public:
  Connection(AdminHttp& owner, net::Fd fd, const net::Address& peer)
      : owner_(owner),
        stream_(net::TcpStream::adopt(owner.loop_, fd.release(), peer)),
        session_(*stream_, *this, kLimits),
        request_(owner.loop_.buffers()),
        response_(owner.loop_.buffers()),
        timer_(net::Timer::bind<&Connection::close>(this)) {
    stream_->set_events(*this);
    owner_.connections_.push_back(*this);
    ++owner_.count_;
    owner_.loop_.start_timer(timer_, kPatience);
  }

  void close() {
    if (std::exchange(state_, State::kClosed) == State::kClosed) return;
    timer_.stop();
    session_.on_connection_lost({Code::kClientGone, Origin::kClient, "connection closed", 0, 0, 0});
    stream_->close();
    unlink();
    --owner_.count_;
    owner_.loop_.bury(std::unique_ptr<Disposable>(this));
  }

 private:
  enum class State : std::uint8_t { kServing, kEnding, kLingering, kClosed };

  // From the stream.
  void on_open() override {}
  void on_data(std::string_view bytes) override {
    if (state_ != State::kServing) return;
    session_.feed(bytes);
    update();
  }
  void on_end() override {
    input_ended_ = true;
    if (state_ == State::kServing) {
      session_.on_input_end();
    } else if (state_ == State::kLingering) {
      close();
    }
  }
  void on_drained() override {
    if (state_ == State::kServing) {
      owner_.loop_.start_timer(timer_, kPatience);
      session_.on_drained();
      update();
    } else if (state_ == State::kEnding && stream_->unsent() == 0) {
      // Closing with bytes of the client unread would reset the connection, and with it the response.
      state_ = State::kLingering;
      owner_.loop_.start_timer(timer_, kLinger);
      if (input_ended_) close();
    }
  }
  void on_failure(const Error&) override { close(); }

  void update() {
    if (state_ == State::kServing && session_.wants_pause()) {
      stream_->pause_reading();
    } else if (state_ != State::kClosed) {
      stream_->resume_reading();
    }
  }

  // From the session.
  http::RequestEvents& begin_request() override {
    request_.reset();
    return *this;
  }
  void on_request(http::RequestEvents&, http::ResponseWriter& writer) override {
    if (stream_->is_backed_up()) {
      waiting_ = &writer;  // until the client has taken the responses before
    } else {
      answer_request(writer);
    }
  }
  void on_bad_request(http::RequestEvents&, const Error& error, http::ResponseWriter& writer) override {
    const proxy::ErrorReply reply = proxy::error_reply(error.code);
    answer({reply.status, kPlain, fmt::format("{} ({})\n", reply.hint, error.detail)}, writer);
  }
  void on_response_complete() override { owner_.loop_.start_timer(timer_, kPatience); }
  void on_output_end() override {}      // no tunnel is ever opened here
  void on_output_pending() override {}  // HTTP/1 writes at once
  void on_session_done() override {
    state_ = State::kEnding;
    stream_->end();
  }
  void on_session_aborted() override { close(); }

  // From the session, about the request whose answer waits.
  http::RequestHead& request_head() override { return request_; }
  void on_request_body(std::string_view) override {}
  void on_request_end(std::span<http::Field>) override {}
  void on_request_failed(const Error&) override {}
  void on_client_gone(const Error&) override { waiting_ = nullptr; }
  void on_response_drained() override {
    if (http::ResponseWriter* writer = std::exchange(waiting_, nullptr)) answer_request(*writer);
  }

  void answer_request(http::ResponseWriter& writer) {
    const bool is_named = owner_.is_named(http::compared_host(request_.authority, request_.arena));
    answer(is_named ? page_for(request_, owner_.control_) : Page{421, kPlain, kOtherHost}, writer);
  }

  void answer(const Page& page, http::ResponseWriter& writer) {
    response_.reset();
    response_.status = page.status;
    response_.reason = http::reason_phrase(page.status);
    response_.add(http::FieldName::kContentType, "Content-Type", page.type);
    response_.add(http::FieldName::kCacheControl, "Cache-Control", "no-store");
    if (page.status == 405) response_.add(http::FieldName::kOther, "Allow", "GET, HEAD");
    response_.framing = {http::BodyKind::kLength, page.text.size(), false};
    writer.send_head(response_);
    writer.send_body(page.text);  // the session drops it for HEAD
    writer.send_end({});
  }

  AdminHttp& owner_;
  std::unique_ptr<net::TcpStream> stream_;
  http::H1Server session_;
  http::RequestHead request_;  // the one being answered, or waiting for its answer
  http::ResponseHead response_;
  net::Timer timer_;
  http::ResponseWriter* waiting_ = nullptr;
  bool input_ended_ = false;
  State state_ = State::kServing;
};

AdminHttp::AdminHttp(net::Loop& loop, net::Fd socket, std::vector<std::string> hosts,
                     runtime::Control& control, Log& log)
    : loop_(loop),
      hosts_(std::move(hosts)),
      control_(control),
      log_(log),
      listener_(std::make_unique<net::Listener>(loop, std::move(socket), *this)) {}

bool AdminHttp::is_named(std::string_view host) const {
  // No host is HTTP/1.0, which no browser speaks.
  if (host.empty() || host.front() == '[' || net::Address::parse(host, 0)) return true;
  return equals_ignoring_case(host, "localhost") ||
         std::ranges::any_of(hosts_, [&](const std::string& own) { return equals_ignoring_case(own, host); });
}

AdminHttp::~AdminHttp() {
  listener_.reset();
  while (Connection* connection = connections_.front()) connection->close();
}

void AdminHttp::on_connection(net::Fd fd, const net::Address& peer) {
  if (count_ >= kMostConnections) return;      // closed by its owner going out of scope
  new Connection(*this, std::move(fd), peer);  // linked into the list; buries itself
}

void AdminHttp::on_accept_paused(int) {
  if (pause_lines_.allow(loop_.now())) log_.warn("admin address: out of file descriptors; accepting pauses");
}

}  // namespace reseal::admin
