#include "lb/admin/admin_http.h"

#include <utility>

#include "lb/http/h1_server.h"
#include "lb/net/tcp_stream.h"
#include "lb/stats/json.h"
#include "lb/stats/prometheus.h"

namespace reseal::admin {
namespace {

constexpr std::size_t kMostConnections = 256;
constexpr Duration kIdleTime{30000};
constexpr http::HeadLimits kLimits{.head_bytes = 8192, .target_bytes = 1024, .fields = 64};

struct Page {
  int status;
  std::string_view type;
  std::string text;
};

constexpr std::string_view kPlain = "text/plain; charset=utf-8";

Page page_for(const http::RequestHead& request, runtime::Control& control) {
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    return {405, kPlain, "only GET and HEAD are served here\n"};
  }
  const std::string_view path = request.path();
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", stats::prometheus_text(control.snapshot())};
  if (path == "/stats.json") return {200, "application/json", stats::json_text(control.snapshot())};
  if (path == "/health") {
    return control.is_draining() ? Page{503, kPlain, "draining\n"} : Page{200, kPlain, "ok\n"};
  }
  const std::string index = "/metrics     for Prometheus\n/health      200 while serving, 503 while draining\n/stats.json  "
                            "the same statistics as JSON\n";
  if (path == "/") return {200, kPlain, "reseal\n\n" + index};
  return {404, kPlain, "there is no such page; there are:\n" + index};
}

}  // namespace

/// One client of the admin address. Answers synchronously, so no exchange is needed; request bodies are not read.
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
    owner_.loop_.start_timer(timer_, kIdleTime);
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    timer_.stop();
    session_.on_connection_lost({Code::kClientGone, Origin::kClient, "connection closed", 0, 0, 0});
    stream_->close();
    unlink();
    --owner_.count_;
    owner_.loop_.bury(std::unique_ptr<Disposable>(this));
  }

 private:
  // From the stream.
  void on_open() override {}
  void on_data(std::string_view bytes) override {
    session_.feed(bytes);
    if (!closed_) session_.wants_pause() ? stream_->pause_reading() : stream_->resume_reading();
  }
  void on_end() override { session_.on_input_end(); }
  void on_drained() override {
    if (ending_) close();
  }
  void on_failure(const Error&) override { close(); }

  // From the session.
  http::RequestHead& begin_request() override {
    request_.reset();
    return request_;
  }
  http::RequestEvents& on_request(http::RequestHead& head, http::ResponseWriter& writer) override {
    const Page page = page_for(head, owner_.control_);
    answer(page, head.method, writer);
    return *this;
  }
  void on_bad_request(const Error&, http::ResponseWriter& writer) override {
    answer({400, kPlain, "not a request that is served here\n"}, http::Method::kGet, writer);
  }
  void on_response_complete() override { owner_.loop_.start_timer(timer_, kIdleTime); }
  void on_session_done() override {
    ending_ = true;
    stream_->end();
  }
  void on_session_aborted() override { close(); }

  // Bodies are of no interest: a request that has one is answered at once and its connection ends.
  void on_request_body(std::string_view) override {}
  void on_request_end(std::span<const http::Field>) override {}
  void on_request_failed(const Error&) override {}
  void on_client_gone(const Error&) override {}
  void on_response_drained() override {}

  void answer(const Page& page, http::Method method, http::ResponseWriter& writer) {
    response_.reset();
    response_.status = page.status;
    response_.reason = http::reason_phrase(page.status);
    response_.add(http::FieldName::kContentType, "Content-Type", page.type);
    response_.add(http::FieldName::kCacheControl, "Cache-Control", "no-store");
    if (page.status == 405) response_.add(http::FieldName::kOther, "Allow", "GET, HEAD");
    response_.framing = {http::BodyKind::kLength, page.text.size(), false};
    writer.send_head(response_);
    if (method != http::Method::kHead) writer.send_body(page.text);
    writer.send_end({});
  }

  AdminHttp& owner_;
  std::unique_ptr<net::TcpStream> stream_;
  http::H1Server session_;
  http::RequestHead request_;
  http::ResponseHead response_;
  net::Timer timer_;
  bool ending_ = false;
  bool closed_ = false;
};

AdminHttp::AdminHttp(net::Loop& loop, net::Fd socket, runtime::Control& control, Log& log)
    : loop_(loop),
      control_(control),
      log_(log),
      listener_(std::make_unique<net::Listener>(loop, std::move(socket), *this)) {}

AdminHttp::~AdminHttp() {
  listener_.reset();
  while (Connection* connection = connections_.front()) connection->close();
}

void AdminHttp::on_connection(net::Fd fd, const net::Address& peer) {
  if (count_ >= kMostConnections) return;  // closed by its owner going out of scope
  new Connection(*this, std::move(fd), peer);  // linked into the list; buries itself
}

void AdminHttp::on_accept_paused(int) { log_.warn("admin address: out of file descriptors; accepting pauses"); }

}  // namespace reseal::admin
