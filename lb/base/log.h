// The diagnostic log: what happened, to which server or connection, whose fault, what to do. Not the access
// log. One object made by the process and passed by reference; safe to call from every thread. spdlog stays
// in log.cpp, so that its headers are compiled once; callers format with fmt::format.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace reseal {

class Log {
 public:
  enum class Level { kDebug, kInfo, kWarn, kError, kOff };

  /// Writes to standard error. Lines: time, level, text; control characters in the text are escaped, so that
  /// nothing a peer sends can forge a line.
  explicit Log(Level level = Level::kInfo);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void set_level(Level level);
  [[nodiscard]] bool enabled(Level level) const;

  void debug(std::string_view text);
  void info(std::string_view text);
  void warn(std::string_view text);
  void error(std::string_view text);

 private:
  void write(Level level, std::string_view text);
  std::shared_ptr<spdlog::logger> logger_;
};

/// The text with control characters, backslash and bytes over 0x7e escaped as \xHH. For logs and error
/// messages.
std::string escaped(std::string_view text);

}  // namespace reseal
