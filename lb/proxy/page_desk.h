// Pages that the control thread makes, since only it sees all figures: a worker asks by message and goes on; the page comes by
// message. PageDesk is the worker's end, PageMaker the process's. A desk is used by its worker's thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "lb/proxy/stats_page.h"

namespace reseal::proxy {

/// What is wanted.
struct PageWish {
  std::shared_ptr<const StatsPage> page;  ///< null: the metrics of `use-service prometheus-exporter`
  std::string target;                     ///< as asked for, with what it says of the form
};

struct Page {
  std::string content_type;
  bool refreshes = false;  ///< browsers ask for it again after the page's `refresh`
  std::string text;
};

/// Called from any worker's thread; deliver() of the worker's desk follows, on the worker's thread.
class PageMaker {
 public:
  virtual void on_page_wanted(int worker, std::uint64_t ticket, PageWish wish) = 0;

 protected:
  ~PageMaker() = default;
};

class PageWaiter {
 public:
  virtual void on_page(std::shared_ptr<const Page> page) = 0;

 protected:
  ~PageWaiter() = default;
};

class PageDesk {
 public:
  static constexpr std::size_t kMostWaiting =
      64;  ///< more are not taken: each costs the control thread a page

  PageDesk(PageMaker& maker, int worker) : maker_(maker), worker_(worker) {}
  /// The number of the wish, which forget() takes; 0: too many wait already. `waiter` is borrowed until then.
  std::uint64_t ask(PageWish wish, PageWaiter& waiter);
  void forget(std::uint64_t ticket) { waiting_.erase(ticket); }
  void deliver(std::uint64_t ticket, std::shared_ptr<const Page> page);

 private:
  PageMaker& maker_;
  int worker_;
  std::uint64_t last_ticket_ = 0;
  std::map<std::uint64_t, PageWaiter*> waiting_;
};

}  // namespace reseal::proxy
