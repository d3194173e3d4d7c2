#include "lb/proxy/page_reply.h"

#include <algorithm>
#include <utility>

#include "lb/base/text.h"

namespace reseal::proxy {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr int kOkStatus = 200;
constexpr int kSeeOther = 303;
constexpr int kUnauthorized = 401;

void begin_head(int status, std::string_view content_type, std::size_t length, http::ResponseHead& head) {
  head.reset();
  head.status = status;
  head.reason = http::reason_phrase(status);
  head.add(http::FieldName::kCacheControl, "Cache-Control", "no-cache");
  head.add(http::FieldName::kContentType, "Content-Type", content_type);
  head.framing = {http::BodyKind::kLength, length, false};
}

}  // namespace

bool PageReply::ask(PageDesk& desk, PageWish wish, PageWaiter& waiter) {
  desk_ = &desk;
  sent_ = 0;
  settings_ = wish.page;
  ticket_ = desk.ask(std::move(wish), waiter);
  return ticket_ != 0;
}

void PageReply::end() {
  if (const std::uint64_t ticket = std::exchange(ticket_, 0); ticket != 0) desk_->forget(ticket);
  page_ = nullptr;
  settings_ = nullptr;
}

bool PageReply::begin(std::shared_ptr<const Page> page, http::Method method, RequestRules& rules,
                      http::ResponseHead& head, http::ResponseWriter& writer) {
  ticket_ = 0;
  page_ = std::move(page);
  begin_head(kOkStatus, page_->content_type, page_->text.size(), head);
  // Nothing of it is a script, nor comes from elsewhere; what a name could smuggle in is not run either.
  if (settings_ != nullptr) {
    head.add(http::FieldName::kOther, "Content-Security-Policy",
             "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'self'");
  }
  head.add(http::FieldName::kOther, "X-Content-Type-Options", "nosniff");
  const Duration refresh = settings_ != nullptr ? settings_->settings().refresh : Duration(0);
  if (page_->refreshes && refresh >= std::chrono::seconds(1)) {
    head.add(http::FieldName::kOther, "Refresh",
             head.arena.copy(DecimalText(static_cast<std::uint64_t>(refresh.count() / 1000)).view()));
  }
  rules.finish_response(head);
  writer.send_head(head);
  if (method == http::Method::kHead) {
    end();
    return true;
  }
  return go_on(writer);
}

bool PageReply::go_on(http::ResponseWriter& writer) {
  while (sent_ < page_->text.size() && !writer.is_backed_up()) {
    const std::string_view piece = std::string_view(page_->text).substr(sent_, kPiece);
    sent_ += piece.size();
    writer.send_body(piece);
  }
  return sent_ == page_->text.size();
}

void reply_unauthorized(const StatsPage& page, http::Method method, RequestRules& rules,
                        http::ResponseHead& head, http::ResponseWriter& writer) {
  static constexpr std::string_view kText =
      "<html><body><h1>401 Unauthorized</h1>\nYou need a valid user and password to access this "
      "content.\n</body></html>\n";
  begin_head(kUnauthorized, "text/html", kText.size(), head);
  std::string challenge = "Basic realm=\"";
  for (const char c : page.settings().realm) {
    if (c == '"' || c == '\\') challenge += '\\';
    challenge += c;
  }
  head.add(http::FieldName::kOther, "WWW-Authenticate", head.arena.copy(challenge + "\""));
  rules.finish_response(head);
  writer.send_head(head);
  if (method != http::Method::kHead) writer.send_body(kText);
  writer.send_end({});
}

void reply_read_only(const StatsPage& page, RequestRules& rules, http::ResponseHead& head,
                     http::ResponseWriter& writer) {
  begin_head(kSeeOther, "text/plain", 0, head);
  head.add(http::FieldName::kLocation, "Location", head.arena.copy(page.settings().uri + ";st=DENY"));
  rules.finish_response(head);
  writer.send_head(head);
  writer.send_end({});
}

}  // namespace reseal::proxy
