// What arrives on a raw connection while nobody takes it: bytes and the end behind them, in order. Sans I/O.
//
// Owner: a raw session. Single thread. No memory while nothing is held.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace reseal::http {

class HeldInput {
 public:
  /// True: kept until resume(). False: the caller passes the bytes on now.
  bool hold(std::string_view bytes) {
    if (!paused_ && bytes_.empty()) return false;
    bytes_.append(bytes);
    return true;
  }
  void pause() { paused_ = true; }
  /// What was held, for the caller to pass on; whoever gets it may pause again meanwhile.
  [[nodiscard]] std::string resume() {
    paused_ = false;
    return std::exchange(bytes_, {});
  }
  /// Nothing comes after what is held.
  void end() { ended_ = true; }

  [[nodiscard]] bool is_paused() const { return paused_; }
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }
  /// Everything was passed on: the end may be told.
  [[nodiscard]] bool is_at_end() const { return ended_ && !paused_; }

 private:
  std::string bytes_;
  bool paused_ = true;
  bool ended_ = false;
};

}  // namespace reseal::http
