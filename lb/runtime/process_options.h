// How a process stands to those beside it and to the signals it gets: what a command line decides, not the configuration.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

namespace reseal::runtime {

enum class Signals : std::uint8_t {
  /// TERM and INT drain, a second one ends; USR1 opens the logs anew; HUP reloads.
  kReseal,
  /// TERM and INT end at once, and the process as if killed by them; USR1 drains; HUP and USR2 reload.
  kHaproxy
};

struct ProcessOptions {
  Signals signals = Signals::kReseal;
  bool joins_others = false;  ///< processes that are to be replaced may listen on the same ports still
  /// Called once everything is bound and read, before anybody is served: what root alone could do is done. The error refuses
  /// the start.
  std::function<std::expected<void, std::string>()> on_bound = [] {
    return std::expected<void, std::string>();
  };
  std::function<void()> on_ready = [] {};  ///< called once, when every worker serves
};

}  // namespace reseal::runtime
