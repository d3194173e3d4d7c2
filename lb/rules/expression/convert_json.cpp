// `json`: a text as what stands between the quotes of a JSON string.
#include <algorithm>
#include <cstdint>

#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

/// The character of UTF-8 that `text` begins with, and its bytes; nothing if it is none (RFC 3629).
struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;
};
std::optional<Character> character_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return Character{first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return std::nullopt;
  std::uint32_t code = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((text[i] & 0xc0) != 0x80) return std::nullopt;
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kLeast[size] || code > 0x10ffff || surrogate) return std::nullopt;
  return Character{code, size};
}

/// Up to twelve characters for each; more than the bound is no text.
class Writer {
 public:
  explicit Writer(char* out) : begin_(out), at_(out) {}
  bool add(std::uint32_t code) {
    constexpr std::string_view kShort = "\"\\/\b\f\n\r\t";
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    if (size() > Sample::kMostText - 12) return false;
    const std::size_t index = code < 0x80 ? kShort.find(static_cast<char>(code)) : std::string_view::npos;
    if (index != std::string_view::npos) {
      *at_++ = '\\';
      *at_++ = kLetters[index];
    } else if (code >= 0x20 && code < 0x7f) {
      *at_++ = static_cast<char>(code);
    } else if (code > 0xffff) {
      add_unit(0xd800 + ((code - 0x10000) >> 10));
      add_unit(0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      add_unit(code);
    }
    return true;
  }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  void add_unit(std::uint32_t unit) {
    *at_++ = '\\';
    *at_++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) *at_++ = "0123456789abcdef"[unit >> shift & 15];
  }
  char* begin_;
  char* at_;
};

/// What is not UTF-8: nothing is (HAProxy's permissive ways are taken as their strict ones), or it is left out.
enum Coding : std::uint8_t { kAscii, kUtf8, kUtf8Skip };

std::expected<void, std::string> prepare_json(std::vector<Argument>& arguments, const Environment&) {
  const std::string& name = arguments[0].text;
  if (name.empty() || name == "ascii") return {};
  arguments[0].integer = name == "utf8s" || name == "utf8ps" ? kUtf8Skip : kUtf8;
  if (name == "utf8" || name == "utf8p" || arguments[0].integer == kUtf8Skip) return {};
  return std::unexpected("'" + shortened(name) +
                         "' is not a coding (accepted: ascii, utf8, utf8s, utf8p or utf8ps)");
}

bool apply_json(const Call& call, Sample& sample) {
  const std::int64_t coding = call.argument(0).integer;
  std::string_view text = sample.text;
  char* out = call.arena.allocate(std::min(Sample::kMostText, text.size() * 6 + 12));
  Writer writer(out);
  while (!text.empty()) {
    const auto one = coding == kAscii ? std::optional(Character{static_cast<unsigned char>(text.front()), 1})
                                      : character_of(text);
    if (!one && coding == kUtf8) return false;
    if (one && !writer.add(one->code)) return false;
    text.remove_prefix(one ? one->size : 1);
  }
  sample = Sample::string({out, writer.size()});
  return true;
}

constexpr ConverterRow kRows[] = {
    {"json", "?s", Type::kString, Type::kString, apply_json, prepare_json},
};

}  // namespace

std::span<const ConverterRow> json_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
