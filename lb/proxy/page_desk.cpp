#include "lb/proxy/page_desk.h"

#include <utility>

namespace reseal::proxy {

std::uint64_t PageDesk::ask(PageWish wish, PageWaiter& waiter) {
  if (waiting_.size() >= kMostWaiting) return 0;
  waiting_[++last_ticket_] = &waiter;
  maker_.on_page_wanted(worker_, last_ticket_, std::move(wish));
  return last_ticket_;
}

void PageDesk::deliver(std::uint64_t ticket, std::shared_ptr<const Page> page) {
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return;  // whoever asked has gone
  PageWaiter& waiter = *found->second;
  waiting_.erase(found);
  waiter.on_page(std::move(page));
}

}  // namespace reseal::proxy
