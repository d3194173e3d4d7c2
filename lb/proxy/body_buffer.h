// A request's body while rules wait for it, up to a bound: what they look at, and what a server gets before the rest. A member of
// the exchange. Single thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "lb/base/clock.h"
#include "lb/http/message.h"
#include "lb/rules/expression/request_body.h"

namespace reseal::proxy {

class BodyBuffer {
 public:
  /// A request begins.
  void begin(const http::Framing& framing) {
    const bool has_length = framing.kind == http::BodyKind::kLength;
    view_ = {};
    view_.declared = has_length ? framing.length : 0;
    view_.is_complete = framing.kind == http::BodyKind::kNone || framing.kind == http::BodyKind::kTunnel ||
                        (has_length && framing.length == 0);
    waited_ = false;
  }
  /// A connection of mode tcp begins, whose bytes rules may look at and wait for as long as that.
  void begin_raw(Duration inspect) {
    view_ = {};
    view_.is_complete = false;
    view_.is_raw = true;
    view_.may_grow = inspect != Duration::zero();
    inspect_ = inspect;
    waited_ = false;
    rounds_ = 0;
  }
  /// What is left of that time, which begins with the first call.
  [[nodiscard]] Duration inspection_time(TimePoint now) {
    if (!waited_) inspect_until_ = now + inspect_;
    return std::max(std::chrono::ceil<Duration>(inspect_until_ - now), Duration(1));
  }
  /// It is over.
  void end_inspection() { view_.may_grow = false; }
  /// Until there is as much of it, or all. In mode tcp sooner or, where it is there already, later: when there is more to look at.
  void wait(std::uint64_t at_least) {
    waited_ = true;
    at_least_ = at_least;
    if (!view_.is_raw) return;
    const std::size_t grown = bytes_.size() + growth();
    if (at_least <= bytes_.size() || at_least > grown) at_least_ = grown;
  }
  /// True: that is enough.
  [[nodiscard]] bool take(std::string_view data) {
    bytes_ += data;
    view_.bytes = bytes_;
    return view_.is_enough(at_least_);
  }
  void complete() { view_.is_complete = true; }
  /// Gives its memory back.
  void end() {
    if (waited_) bytes_ = std::string();
    view_ = {};
    waited_ = false;
  }

  [[nodiscard]] const rules::expression::RequestBody& view() const { return view_; }
  [[nodiscard]] bool was_waited_for() const { return waited_; }
  /// Nothing of the body is to come any more.
  [[nodiscard]] bool has_all() const { return waited_ && view_.is_complete; }

 private:
  /// How many bytes more rules are asked with again: any, until they have been asked often, and then a share of what there is.
  /// Whoever sends single bytes makes them look at all that came before each time.
  [[nodiscard]] std::size_t growth() {
    constexpr int kAnyGrowth = 32;
    constexpr std::size_t kShare = 8;
    return rounds_ < kAnyGrowth ? (++rounds_, 1) : std::max<std::size_t>(bytes_.size() / kShare, 1);
  }

  std::string bytes_;
  rules::expression::RequestBody view_;
  std::uint64_t at_least_ = 0;
  Duration inspect_{0};
  TimePoint inspect_until_{};
  int rounds_ = 0;  ///< in which rules have waited for any growth
  bool waited_ = false;
};

}  // namespace reseal::proxy
