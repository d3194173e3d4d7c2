#include "lb/http/path.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "lb/base/text.h"

namespace reseal::http {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::unexpected<Error> refused(const char* detail) {
  return fail(Code::kAmbiguousRequest, Origin::kClient, detail);
}

/// The byte of the escape at `text[at]`, which is a '%'; -1 if it is none.
int escaped_byte(std::string_view text, std::size_t at) {
  if (text.size() - at < 3) return -1;
  const int high = hex_digit(text[at + 1]);
  const int low = hex_digit(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// RFC 3986 2.3: the same with and without its escape.
constexpr bool is_unreserved(int c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) table[c] = c != '%' && c != '/' && c != '?' && c != '\\';
  return table;
}
/// Characters of a path that no look is needed at.
constexpr std::array<bool, 256> kPlain = make_plain();

/// An escape in normal form that means the same to everybody.
bool is_plain_escape(std::string_view target, std::size_t at) {
  const int byte = escaped_byte(target, at);
  if (byte <= 0 || is_unreserved(byte) || byte == '/' || byte == '\\') return false;
  return target[at + 1] == kHexDigits[static_cast<std::size_t>(byte) / 16] &&
         target[at + 2] == kHexDigits[static_cast<std::size_t>(byte) % 16];
}

/// The segment behind the '/' at `at` begins with dots and something that may make a dot segment of them.
bool may_be_dots(std::string_view target, std::size_t at) {
  std::size_t end = at + 1;
  while (end < target.size() && end < at + 3 && target[end] == '.') ++end;
  if (end == at + 1) return false;
  return end == target.size() || std::string_view("/?;%\\").find(target[end]) != std::string_view::npos;
}

bool is_normal(std::string_view target) {
  for (std::size_t at = 0; at < target.size(); ++at) {
    const char c = target[at];
    if (kPlain[static_cast<unsigned char>(c)]) continue;
    if (c == '?') return true;
    if (c == '/') {
      const bool empty_segment = at + 1 < target.size() && target[at + 1] == '/';
      if (empty_segment || may_be_dots(target, at)) return false;
    } else if (c == '%' && is_plain_escape(target, at)) {
      at += 2;
    } else {
      return false;
    }
  }
  return true;
}

/// The length of the separator that only some servers see at `at`, 0 if there is none. Hex is in upper case.
std::size_t hidden_separator(std::string_view text, std::size_t at) {
  if (text[at] == '\\') return 1;
  const std::string_view three = text.substr(at, 3);
  return three == "%2F" || three == "%5C" ? 3 : 0;
}

/// A dot segment that some servers see and others do not: "..;a", "a%2F..". `segment` is in normal form.
bool hides_dots(std::string_view segment) {
  bool is_first = true;
  while (true) {
    std::size_t end = 0;
    std::size_t separator = 0;
    while (end < segment.size() && (separator = hidden_separator(segment, end)) == 0) ++end;
    const std::string_view part = segment.substr(0, end);
    const std::string_view name = part.substr(0, std::min(part.find(';'), part.find("%3B")));
    const bool is_whole = is_first && separator == 0 && name.size() == part.size();
    if (!is_whole && (name == "." || name == "..")) return true;
    if (separator == 0) return false;
    segment.remove_prefix(end + separator);
    is_first = false;
  }
}

/// Writes the normal form of one path. No longer than what it is made of.
class Normalizer {
 public:
  Normalizer(std::string_view path, const PathPolicy& policy, char* out)
      : path_(path), policy_(policy), out_(out) {}

  /// Null: fine; otherwise what is wrong.
  const char* run() {
    out_[size_++] = '/';
    for (std::size_t at = 1;; ++at) {
      const std::size_t begin = size_;
      if (const char* wrong = copy_segment(at)) return wrong;
      const bool last = at == path_.size();
      if (const char* wrong = end_segment(begin, last)) return wrong;
      if (last) return nullptr;
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void put(char c) { out_[size_++] = c; }

  /// Moves `at` to the '/' or the end behind the segment.
  const char* copy_segment(std::size_t& at) {
    for (; at < path_.size() && path_[at] != '/'; ++at) {
      if (path_[at] == '\\' && !policy_.keep_backslash) return "a backslash in the path";
      if (path_[at] != '%') {
        put(path_[at]);
        continue;
      }
      const int byte = escaped_byte(path_, at);
      if (byte < 0) return "a '%' in the path that begins no escape";
      if (byte == 0) return "an escaped NUL in the path";
      if (byte == '/' && !policy_.keep_encoded_slash) return "an escaped slash in the path";
      if (byte == '\\' && !policy_.keep_backslash) return "an escaped backslash in the path";
      if (is_unreserved(byte)) {
        put(static_cast<char>(byte));
      } else {
        put('%');
        put(kHexDigits[static_cast<std::size_t>(byte) / 16]);
        put(kHexDigits[static_cast<std::size_t>(byte) % 16]);
      }
      at += 2;
    }
    return nullptr;
  }

  /// The segment from `begin` is written: what it means for the path (RFC 3986 5.2.4).
  const char* end_segment(std::size_t begin, bool last) {
    const std::string_view segment(out_ + begin, size_ - begin);
    if (hides_dots(segment)) return "a dot segment in the path that some servers see and others do not";
    if (segment == ".") {
      size_ = begin;
    } else if (segment == "..") {
      if (begin == 1) return "a path that leads above the root";
      size_ = std::string_view(out_, begin - 1).rfind('/') + 1;
    } else if (!segment.empty() && !last) {
      put('/');
    }
    return nullptr;
  }

  std::string_view path_;
  const PathPolicy& policy_;
  char* out_;
  std::size_t size_ = 0;
};

/// Reads a path in normal form as rules see it, character by character.
class ComparedReader {
 public:
  explicit ComparedReader(std::string_view path) : path_(path) {}

  /// False: the path has ended.
  bool next(char& c) {
    while (at_ < path_.size()) {
      c = look();
      if (c == ';') {
        do {
          skip();
        } while (at_ < path_.size() && look() != '/');
        continue;
      }
      skip();
      if (c == '/' && after_slash_) continue;
      after_slash_ = c == '/';
      return true;
    }
    return false;
  }
  /// Where in the path the next character is read.
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  [[nodiscard]] char look() const {
    const char c = path_[at_];
    if (c == '\\') return '/';
    if (c != '%') return c;
    const int byte = escaped_byte(path_, at_);
    if (byte < 0) return c;
    return byte == '\\' ? '/' : static_cast<char>(byte);
  }
  void skip() { at_ += path_[at_] == '%' && escaped_byte(path_, at_) >= 0 ? 3 : 1; }

  std::string_view path_;
  std::size_t at_ = 0;
  bool after_slash_ = false;
};

}  // namespace

Result<std::string_view> normal_target(std::string_view target, const PathPolicy& policy, Arena& arena) {
  if (!target.starts_with('/') || is_normal(target)) return target;
  const std::size_t length = std::min(target.find('?'), target.size());
  char* out = arena.allocate(target.size());
  Normalizer normalizer(target.substr(0, length), policy, out);
  if (const char* wrong = normalizer.run()) return refused(wrong);
  const std::string_view query = target.substr(length);
  std::memcpy(out + normalizer.size(), query.data(), query.size());
  return std::string_view(out, normalizer.size() + query.size());
}

std::string_view compared_path(std::string_view path, Arena& arena) {
  if (path.find_first_of("%;\\") == std::string_view::npos) return path;
  char* out = arena.allocate(path.size());
  std::size_t size = 0;
  ComparedReader reader(path);
  for (char c = 0; reader.next(c);) out[size++] = c;
  return {out, size};
}

bool has_path_prefix(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.back() == '/' || path[prefix.size()] == '/';
}

std::optional<std::string_view> without_path_prefix(std::string_view path, std::string_view prefix) {
  // The slash stays with what is left.
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  ComparedReader reader(path);
  for (const char wanted : prefix) {
    char c = 0;
    if (!reader.next(c) || c != wanted) return std::nullopt;
  }
  std::string_view rest = path.substr(reader.position());
  if (rest.starts_with(';')) rest.remove_prefix(std::min(rest.find('/'), rest.size()));
  if (rest.empty()) return "/";
  if (!rest.starts_with('/')) return std::nullopt;
  return rest;
}

Result<std::string> compared_pattern(std::string_view path) {
  BufferPool pool;
  Arena arena(pool);
  const auto normal = normal_target(path, {.keep_encoded_slash = true, .keep_backslash = true}, arena);
  if (!normal) return std::unexpected(normal.error());
  return std::string(compared_path(*normal, arena));
}

}  // namespace reseal::http
