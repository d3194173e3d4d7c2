#include "lb/stats/log_date.h"

#include <fmt/format.h>

#include <ctime>

namespace reseal::stats {
namespace {

constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kQuarter = 900;

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

LogDate::Parts LogDate::local(std::int64_t second) {
  const std::int64_t quarter = second >= 0 ? second / kQuarter : (second - kQuarter + 1) / kQuarter;
  if (quarter != quarter_) {
    const std::time_t time = second;
    std::tm broken_down{};
    ::localtime_r(&time, &broken_down);
    offset_seconds_ = static_cast<int>(broken_down.tm_gmtoff);
    quarter_ = quarter;
  }
  return parts(second, offset_seconds_);
}

LogDate::Parts LogDate::parts(std::int64_t second, int offset_seconds) {
  const std::chrono::sys_seconds shifted{std::chrono::seconds(second + offset_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(shifted);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(shifted - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count()),
          offset_seconds / 60};
}

void LogDate::put_fraction(char* at, WallTime time, int digits) {
  constexpr int kAll = 6;
  auto fraction = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  for (int dropped = digits; dropped < kAll; ++dropped) fraction /= 10;
  for (int i = digits; i-- > 0; fraction /= 10) at[i] = static_cast<char>('0' + fraction % 10);
}

std::string_view LogDate::with_fraction(Text& text, WallTime time, int digits) {
  constexpr std::size_t kFraction = 20;  // where it stands
  const std::int64_t second = second_of(time);
  if (second != text.second) {
    const Parts now = local(second);
    const int offset = now.offset_minutes < 0 ? -now.offset_minutes : now.offset_minutes;
    const auto end = fmt::format_to_n(text.characters.data(), text.characters.size(),
                                      "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:0{}}{}{:02}:{:02}", now.year,
                                      now.month, now.day, now.hour, now.minute, now.second, 0, digits,
                                      now.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
    text.size = std::min(end.size, text.characters.size());
    text.second = second;
  }
  put_fraction(text.characters.data() + kFraction, time, digits);
  return {text.characters.data(), text.size};
}

std::string_view LogDate::rfc3339(WallTime time) {
  return with_fraction(rfc3339_, time, 3);
}

std::string_view LogDate::haproxy(WallTime time) {
  constexpr std::size_t kFraction = 21;
  const std::int64_t second = second_of(time);
  Text& text = haproxy_;
  if (second != text.second) {
    const Parts now = local(second);
    const auto end = fmt::format_to_n(
        text.characters.data(), text.characters.size(), "{:02}/{}/{:04}:{:02}:{:02}:{:02}.000", now.day,
        kMonths[static_cast<std::size_t>(now.month - 1)], now.year, now.hour, now.minute, now.second);
    text.size = std::min(end.size, text.characters.size());
    text.second = second;
  }
  put_fraction(text.characters.data() + kFraction, time, 3);
  return {text.characters.data(), text.size};
}

std::string_view LogDate::rfc3164(WallTime time) {
  const std::int64_t second = second_of(time);
  Text& text = rfc3164_;
  if (second != text.second) {
    const Parts now = local(second);
    const auto end = fmt::format_to_n(
        text.characters.data(), text.characters.size(), "{} {:2} {:02}:{:02}:{:02}",
        kMonths[static_cast<std::size_t>(now.month - 1)], now.day, now.hour, now.minute, now.second);
    text.size = std::min(end.size, text.characters.size());
    text.second = second;
  }
  return {text.characters.data(), text.size};
}

std::string_view LogDate::rfc5424(WallTime time) {
  return with_fraction(rfc5424_, time, 6);
}

std::string_view LogDate::common(WallTime time, Zone zone) {
  const std::int64_t second = second_of(time);
  Text& text = common_[static_cast<std::size_t>(zone)];
  if (second != text.second) {
    const Parts now = zone == Zone::kGmt ? parts(second, 0) : local(second);
    const int offset = now.offset_minutes < 0 ? -now.offset_minutes : now.offset_minutes;
    const auto end = fmt::format_to_n(
        text.characters.data(), text.characters.size(), "{:02}/{}/{:04}:{:02}:{:02}:{:02} {}{:02}{:02}",
        now.day, kMonths[static_cast<std::size_t>(now.month - 1)], now.year, now.hour, now.minute, now.second,
        now.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
    text.size = std::min(end.size, text.characters.size());
    text.second = second;
  }
  return {text.characters.data(), text.size};
}

}  // namespace reseal::stats
