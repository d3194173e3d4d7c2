// What a connection or a request tracks (track-sc0 and its kin): up to three entries of tables, in which its events are counted
// for as long as it lives. A request sees those of its connection where it has none of its own. Owner: the connection, or the
// exchange. Single thread; costs one comparison where nothing is tracked.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "lb/base/clock.h"
#include "lb/rules/stick/table.h"

namespace reseal::rules::stick {

class Tracking {
 public:
  static constexpr std::size_t kCounters = 3;

  struct Tracked {
    std::shared_ptr<Table> table;  // outlives its generation
    Entry* entry = nullptr;
  };

  Tracking() = default;
  ~Tracking() { release(); }
  Tracking(const Tracking&) = delete;
  Tracking& operator=(const Tracking&) = delete;

  /// A request begins, or in mode tcp what is passed on (`is_http`: not). `connection` (may be null) outlives it.
  void begin(const Tracking* connection, bool is_http) {
    connection_ = connection;
    is_http_ = is_http;
  }

  /// Counter number `counter` is the table's entry of that key, which counts one connection more, and the request that is
  /// under way. False, and nothing happens, if it has one already, be it the connection's, or the table is full.
  bool track(std::size_t counter, const std::shared_ptr<Table>& table, std::string_view key, TimePoint now);

  /// Null: nothing is tracked there.
  [[nodiscard]] const Tracked* find(std::size_t counter) const {
    if (counter >= kCounters) return nullptr;
    if (tracked_[counter].entry != nullptr) return &tracked_[counter];
    return connection_ != nullptr ? connection_->find(counter) : nullptr;
  }
  [[nodiscard]] bool is_tracking() const {
    return count_ != 0 || (connection_ != nullptr && connection_->count_ != 0);
  }

  // In all that are tracked.
  void count_session(TimePoint now) const;
  void count_request(TimePoint now) const;
  /// By the client: a request that is wrong or denied, or was answered 4xx.
  void count_error(TimePoint now) const;
  /// By the server: no answer, or 5xx.
  void count_failure(TimePoint now) const;
  /// A response: an error or a failure, if its status says so.
  void count_status(int status, TimePoint now) const;
  /// The same of a counter that is tracked only since the response has come.
  void count_status_late(std::size_t counter, int status, TimePoint now) const;
  void count_bytes(std::uint64_t in, std::uint64_t out, TimePoint now) const;

  /// The connection or request is over.
  void end(TimePoint now);

 private:
  void count(DataType number, DataType rate, std::uint64_t count, TimePoint now) const;
  void release();

  const Tracking* connection_ = nullptr;
  bool is_http_ = false;
  std::size_t count_ = 0;  // of its own
  std::array<Tracked, kCounters> tracked_;
};

}  // namespace reseal::rules::stick
