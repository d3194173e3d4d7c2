// The answer to a request for a page that the control thread makes: asked for, waited for, sent piece by piece as the client
// takes it, so that clients that read slowly share the one copy of it. A member of the exchange. Single thread.
#pragma once

#include <memory>

#include "lb/http/exchange_ends.h"
#include "lb/proxy/page_desk.h"
#include "lb/proxy/request_rules.h"

namespace reseal::proxy {

class PageReply {
 public:
  /// False: too many pages are being waited for.
  [[nodiscard]] bool ask(PageDesk& desk, PageWish wish, PageWaiter& waiter);
  /// It is not wanted any more.
  void end();

  /// The head of the answer, then as much of the body as there is room for. True: that was all, send_end() may follow.
  bool begin(std::shared_ptr<const Page> page, http::Method method, RequestRules& rules,
             http::ResponseHead& head, http::ResponseWriter& writer);
  /// There is room for more.
  bool go_on(http::ResponseWriter& writer);
  [[nodiscard]] bool is_sending() const { return page_ != nullptr; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  PageDesk* desk_ = nullptr;
  std::uint64_t ticket_ = 0;
  std::shared_ptr<const StatsPage> settings_;  // null: a page of another kind
  std::shared_ptr<const Page> page_;
  std::size_t sent_ = 0;
};

/// Answers that name and password are wanted.
void reply_unauthorized(const StatsPage& page, http::Method method, RequestRules& rules,
                        http::ResponseHead& head, http::ResponseWriter& writer);
/// Answers that nothing can be changed here, to those who try (POST).
void reply_read_only(const StatsPage& page, RequestRules& rules, http::ResponseHead& head,
                     http::ResponseWriter& writer);

}  // namespace reseal::proxy
