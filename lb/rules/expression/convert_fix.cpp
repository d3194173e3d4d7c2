// Converters of messages of FIX (Financial Information eXchange): TAG=VALUE, each behind the other with a byte 1 at its end.
#include <algorithm>
#include <array>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

constexpr char kEnd = 1;
constexpr std::size_t kLeastMessage = 26;

struct TagName {
  std::string_view name;
  std::uint64_t tag;
};
constexpr std::uint64_t kBeginString = 8;
constexpr std::uint64_t kBodyLength = 9;
constexpr std::uint64_t kCheckSum = 10;
constexpr std::uint64_t kMsgType = 35;
constexpr TagName kTagNames[] = {{"BeginString", kBeginString}, {"BodyLength", kBodyLength},
                                 {"CheckSum", kCheckSum},       {"MsgType", kMsgType},
                                 {"SenderCompID", 49},          {"TargetCompID", 56}};

/// The last tag that each version has of its own.
struct Version {
  std::string_view name;
  std::uint64_t last_tag;
};
constexpr Version kVersions[] = {{"FIX.4.0", 140}, {"FIX.4.1", 211}, {"FIX.4.2", 446},
                                 {"FIX.4.3", 659}, {"FIX.4.4", 956}, {"FIXT.1.1", 1621}};

enum class Found : std::uint8_t { kYes, kNotYet, kNever };

struct Tag {
  std::uint64_t id = 0;
  std::string_view value;
  std::string_view whole;  ///< with the byte at its end
};

/// The first one of `rest`, which gets shorter by it.
Found take_tag(std::string_view& rest, Tag& tag) {
  const std::size_t equals = rest.find('=');
  if (equals == 0) return Found::kNever;
  const std::size_t end = equals == std::string_view::npos ? equals : rest.find(kEnd, equals);
  if (end == std::string_view::npos) return Found::kNotYet;
  const auto id = parse_decimal(rest.substr(0, equals));
  if (!id || *id == 0) return Found::kNever;
  tag = {*id, rest.substr(equals + 1, end - equals - 1), rest.substr(0, end + 1)};
  rest.remove_prefix(end + 1);
  return Found::kYes;
}

bool is_tag_of(const Version& version, std::uint64_t id) {
  constexpr std::uint64_t kFirstOfUsers = 10000;
  constexpr std::uint64_t kLastOfUsers = 19999;
  return id <= version.last_tag || (id >= kFirstOfUsers && id <= kLastOfUsers);
}

/// Whether a whole message is there and right.
Found validate(std::string_view message) {
  if (message.size() < kLeastMessage) return Found::kNotYet;
  constexpr std::array<std::uint64_t, 3> kFirst = {kBeginString, kBodyLength, kMsgType};
  const Version* version = nullptr;
  std::uint64_t body_length = 0;
  std::string_view body;
  unsigned int sum = 0;
  std::string_view rest = message;
  for (std::size_t number = 0; !rest.empty(); ++number) {
    const std::string_view here = rest;
    Tag tag;
    if (const Found found = take_tag(rest, tag); found != Found::kYes) return found;
    if (version != nullptr && !is_tag_of(*version, tag.id)) return Found::kNever;
    if (number < kFirst.size() && tag.id != kFirst[number]) return Found::kNever;
    if (number == 0) {
      version = std::ranges::find(kVersions, tag.value, &Version::name);
      if (version == std::end(kVersions)) return Found::kNever;
    } else if (number == 1) {
      body_length = parse_decimal(tag.value).value_or(0);
      if (body_length == 0) return Found::kNever;
      body = rest;
    } else if (number >= kFirst.size() && tag.id == kCheckSum) {
      const bool is_right = body_length == body.size() - here.size() && tag.value.size() == 3 &&
                            parse_decimal(tag.value) == std::uint64_t{sum & 0xff};
      return is_right ? Found::kYes : Found::kNever;
    }
    for (const char byte : tag.whole) sum += static_cast<unsigned char>(byte);
  }
  return Found::kNotYet;
}

/// No value as long as more bytes may decide.
bool apply_is_valid(const Call&, Sample& sample) {
  const Found found = validate(sample.text);
  sample = Sample::boolean(found == Found::kYes);
  return found != Found::kNotYet;
}

Prepared prepare_tag(std::vector<Argument>& arguments, const Environment&) {
  Argument& tag = arguments[0];
  const auto named = std::ranges::find_if(
      kTagNames, [&](const TagName& each) { return equals_ignoring_case(each.name, tag.text); });
  const std::uint64_t id = named != std::end(kTagNames) ? named->tag : parse_decimal(tag.text).value_or(0);
  if (id == 0 || id > UINT32_MAX)
    return std::unexpected("'" + shortened(tag.text) +
                           "' is not a tag of FIX (accepted: its number, BeginString, BodyLength, CheckSum, "
                           "MsgType, SenderCompID or TargetCompID)");
  tag.integer = static_cast<std::int64_t>(id);
  return {};
}
bool apply_tag_value(const Call& call, Sample& sample) {
  const auto wanted = static_cast<std::uint64_t>(call.argument(0).integer);
  Tag tag;
  for (std::string_view rest = sample.text; take_tag(rest, tag) == Found::kYes;) {
    if (tag.id == wanted) {
      sample.text = tag.value;
      return !tag.value.empty();
    }
    if (tag.id == kCheckSum) break;
  }
  return false;
}

constexpr ConverterRow kRows[] = {
    {"fix_is_valid", "", Type::kBinary, Type::kBool, apply_is_valid},
    {"fix_tag_value", "s", Type::kBinary, Type::kBinary, apply_tag_value, prepare_tag},
};

}  // namespace

std::span<const ConverterRow> fix_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
