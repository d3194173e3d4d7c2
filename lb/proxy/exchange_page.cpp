// The exchange and pages of reseal's own that the control thread makes.
#include "lb/proxy/exchange.h"
#include "lb/stats/haproxy_exporter.h"

namespace reseal::proxy {
namespace {

constexpr int kOkStatus = 200;
constexpr int kSeeOther = 303;
constexpr int kUnauthorized = 401;

}  // namespace

bool Exchange::answer_by_page(const std::shared_ptr<const StatsPage>& page) {
  if (page == nullptr || !page->is_asked_for(request_)) return false;
  http::ResponseWriter& writer = *client_side_;
  frontend_->counters->of(context_.worker).intercepted.add();
  // What there is of a body is not read, and could be taken for the next request.
  if (request_.framing.kind != http::BodyKind::kNone) writer.close_after_response();
  if (!page->may_see(request_)) {
    finish(Code::kOk, kUnauthorized);
    reply_unauthorized(*page, request_.method, rules_, response_, writer);
  } else if (request_.method == http::Method::kPost) {
    finish(Code::kOk, kSeeOther);
    reply_read_only(*page, rules_, response_, writer);
  } else {
    ask_for_page(page);
  }
  return true;
}

void Exchange::ask_for_page(std::shared_ptr<const StatsPage> page) {
  if (page_.ask(context_.pages, {std::move(page), std::string(request_.target)}, *this)) {
    state_ = State::kPage;
  } else {
    answer_error({Code::kQueueFull, Origin::kLocal, "too many pages are being waited for", 0, 0, 0});
  }
}

void Exchange::answer_metrics() {
  frontend_->counters->of(context_.worker).intercepted.add();
  if (!stats::exporter_wish(request_.target)) {
    answer_error({Code::kBadRequest, Origin::kClient, "there is no such scope of metrics", 0, 0, 0});
    return;
  }
  if (request_.framing.kind != http::BodyKind::kNone) client_side_->close_after_response();
  ask_for_page(nullptr);
}

void Exchange::on_page(std::shared_ptr<const Page> page) {
  if (page_.begin(std::move(page), request_.method, rules_, response_, *client_side_)) {
    finish_page();
  } else {
    owner_->on_exchange_flow();
  }
}

void Exchange::finish_page() {
  http::ResponseWriter& writer = *client_side_;
  account_.response_bytes = page_.sent();
  finish(Code::kOk, kOkStatus);
  writer.send_end({});
}

}  // namespace reseal::proxy
