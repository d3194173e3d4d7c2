// Writes one log line into memory it is given: numbers, times, and text escaped so that nothing a peer sends
// ends the line, a quotation or a JSON string. Never writes beyond its room, never allocates. Made for one line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "lb/stats/access_record.h"
#include "lb/stats/log_date.h"

namespace reseal::stats {

class LogLine {
 public:
  /// Writes into `room`; `date` is borrowed.
  LogLine(std::span<char> room, LogDate& date)
      : begin_(room.data()), at_(room.data()), end_(room.data() + room.size()), date_(date) {}

  void put(char c) {
    if (at_ != end_) *at_++ = c;
  }
  /// As it is: for text of our own.
  void raw(std::string_view text);
  /// The same for a short text that stands in more memory: copied in one piece.
  static constexpr std::size_t kLead = 24;
  void lead(const std::array<char, kLead>& text, std::size_t size) {
    if (room() < kLead) {
      raw({text.data(), size});
      return;
    }
    std::memcpy(at_, text.data(), kLead);
    at_ += size;
  }
  void number(std::uint64_t value);
  /// -1 for kNotReached, otherwise whole milliseconds, rounded down (HAProxy's way).
  void whole_milliseconds(Microseconds time);
  /// "12.345"
  void milliseconds(Microseconds time);
  /// Escaped as JSON strings are: `\"`, `\\`, and `\u00XX` for every byte below 0x20 or above 0x7e. At most `most`
  /// bytes are written; a text that needs more ends with "...".
  void escaped(std::string_view text, std::size_t most);
  /// What HAProxy writes as `#XX`.
  enum class Hashed : std::uint8_t {
    kControls,  ///< bytes below 0x20 and 0x7f, which would break out of the line
    kUri,       ///< '"', '#' and every byte below 0x20 or above 0x7e
    kHeader,    ///< the same, and "{|}", which stand around captured fields
  };
  /// The bytes of that kind are escaped; with `backslashes`, one before each '"', '\\' and ']' that is none of them.
  void hash_escaped(std::string_view text, Hashed hashed, bool backslashes);
  /// At least so many digits, in capitals.
  void hexadecimal(std::uint64_t value, int digits);

  LogDate& date() { return date_; }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }
  [[nodiscard]] std::string_view written() const { return {begin_, size()}; }
  /// Takes back what was written after `size`.
  void cut(std::size_t size) { at_ = begin_ + size; }
  /// The character at that place becomes this one.
  void put_at(std::size_t place, char c) {
    if (place < size()) begin_[place] = c;
  }

 private:
  [[nodiscard]] std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }

  char* begin_;
  char* at_;
  char* end_;
  LogDate& date_;
};

}  // namespace reseal::stats
