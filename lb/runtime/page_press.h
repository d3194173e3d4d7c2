// Makes the pages that workers ask for. However many ask, looking at all figures takes a small part of the control thread's
// time: a snapshot is used again until its making is a tenth of its age. Owner: the process; control thread.
#pragma once

#include <memory>

#include "lb/proxy/page_desk.h"
#include "lb/runtime/control.h"

namespace reseal::runtime {

class PagePress {
 public:
  /// `control` is borrowed.
  explicit PagePress(Control& control) : control_(control) {}
  std::shared_ptr<const proxy::Page> print(const proxy::PageWish& wish);

 private:
  const stats::Snapshot& snapshot();

  Control& control_;
  stats::Snapshot snapshot_;
  TimePoint taken_{};
  Clock::duration cost_{};
};

}  // namespace reseal::runtime
