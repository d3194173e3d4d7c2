// When a request passed which station: plain points in time, all of them Loop::now(), so that keeping them costs a
// few stores. What the access log tells of them is worked out when a line is written. Owner: the exchange.
#pragma once

#include <chrono>

#include "lb/base/clock.h"
#include "lb/stats/access_record.h"
#include "lb/stats/recent_times.h"

namespace reseal::proxy {

class RequestTimes {
 public:
  /// The request's head is complete; its first byte came at `head_began` (a default TimePoint: not known).
  void begin(TimePoint head_began, TimePoint now) {
    *this = RequestTimes();
    head_began_ = head_began;
    head_complete_ = now;
  }
  /// There is no room on any server for now.
  void waiting() { waited_ = true; }
  /// A server was chosen and there is room on it. Further attempts change nothing: the connection that serves is
  /// waited for from the first one on.
  void connecting(TimePoint now) {
    if (chosen_ == TimePoint()) chosen_ = now;
  }
  /// The connection is ready. `handshake`: how long its TLS took; 0 for one that was open already (`reused`).
  void connected(TimePoint now, Microseconds handshake, bool reused) {
    connected_ = now;
    handshake_ = handshake;
    reused_ = reused;
  }
  /// The attempt failed after that.
  void disconnected() { connected_ = TimePoint(); }
  /// The response's head.
  void responding(TimePoint now) { responding_ = now; }

  [[nodiscard]] TimePoint head_complete() const { return head_complete_; }
  /// For the counters; a station that was not reached took no time.
  [[nodiscard]] stats::RequestSpans spans(TimePoint now) const {
    const auto between = [](TimePoint from, TimePoint to) {
      const Microseconds time = span(from, to);
      return time < Microseconds(0) ? Microseconds(0) : time;
    };
    const bool never_chosen = waited_ && chosen_ == TimePoint();
    return {between(head_complete_, never_chosen ? now : chosen_), between(chosen_, connected_),
            between(connected_, responding_), between(head_complete_, now)};
  }
  [[nodiscard]] TimePoint began() const { return head_began_ == TimePoint() ? head_complete_ : head_began_; }
  /// The spans as the log has them; `now` is the end.
  void fill(stats::AccessRecord& record, TimePoint now) const {
    record.head_time = span(head_began_, head_complete_);
    // Of a request that never got out of the queue, all its time was spent there.
    const bool never_chosen = waited_ && chosen_ == TimePoint();
    record.queue_time = span(head_complete_, never_chosen ? now : chosen_);
    record.reused = reused_ && connected_ != TimePoint();
    if (connected_ != TimePoint()) {
      const Microseconds waited = span(chosen_, connected_);
      record.tls_time = handshake_ < waited ? handshake_ : waited;
      record.connect_time = waited - record.tls_time;
    }
    record.first_byte_time = span(connected_, responding_);
    record.total_time = span(head_complete_, now);
  }

 private:
  /// kNotReached if either point was not.
  static Microseconds span(TimePoint from, TimePoint to) {
    if (from == TimePoint() || to == TimePoint()) return stats::kNotReached;
    return std::chrono::duration_cast<Microseconds>(to - from);
  }

  TimePoint head_began_{};
  TimePoint head_complete_{};
  TimePoint chosen_{};
  TimePoint connected_{};
  TimePoint responding_{};
  Microseconds handshake_{0};
  bool reused_ = false;
  bool waited_ = false;
};

}  // namespace reseal::proxy
