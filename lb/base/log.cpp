#include "lb/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace reseal {
namespace {

spdlog::level::level_enum to_spdlog(Log::Level level) {
  switch (level) {
    case Log::Level::kDebug:
      return spdlog::level::debug;
    case Log::Level::kInfo:
      return spdlog::level::info;
    case Log::Level::kWarn:
      return spdlog::level::warn;
    case Log::Level::kError:
      return spdlog::level::err;
    case Log::Level::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

bool needs_escape(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == '\\' || byte >= 0x7f;
}

}  // namespace

Log::Log(Level level) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  logger_ = std::make_shared<spdlog::logger>("reseal", std::move(sink));
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger_->flush_on(spdlog::level::debug);
  set_level(level);
}

Log::~Log() = default;

void Log::set_level(Level level) {
  logger_->set_level(to_spdlog(level));
}
bool Log::enabled(Level level) const {
  return logger_->should_log(to_spdlog(level));
}

void Log::debug(std::string_view text) {
  write(Level::kDebug, text);
}
void Log::info(std::string_view text) {
  write(Level::kInfo, text);
}
void Log::warn(std::string_view text) {
  write(Level::kWarn, text);
}
void Log::error(std::string_view text) {
  write(Level::kError, text);
}

void Log::write(Level level, std::string_view text) {
  if (!enabled(level)) return;
  logger_->log(to_spdlog(level), "{}", escaped(text));
}

std::string escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (!needs_escape(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

}  // namespace reseal
