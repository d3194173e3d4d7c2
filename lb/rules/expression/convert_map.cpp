// Converters that look a value up in a map file: map_<how it is compared>_<type of the values>.
#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/bounded_text.h"
#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/pattern_file.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

/// The value of a type that a text stands for.
std::expected<Sample, std::string> value_of(const std::string& text, Type type) {
  if (type == Type::kInteger) {
    if (const auto integer = parse_integer(text)) return Sample::number(*integer);
    return std::unexpected("the value for what is not in the map, '" + shortened(text) +
                           "', is not an integer");
  }
  if (type == Type::kAddress) {
    if (const auto address = parse_address(text)) return *address;
    return std::unexpected("the value for what is not in the map, '" + shortened(text) +
                           "', is not an IP address");
  }
  return Sample::string({});  // it is the argument's text, which moves until it is compiled
}

template <Match kMatch, Type kOut>
Prepared prepare_map(std::vector<Argument>& arguments, const Environment& environment) {
  Argument& file = arguments[0];
  Argument& otherwise = arguments[1];
  auto map = open_pattern_file(environment, file.text, {kMatch, false, kOut}, true);
  if (!map) return std::unexpected("'" + shortened(file.text) + "': " + map.error());
  file.map = std::move(*map);
  if (!otherwise.is_given) return {};
  const auto value = value_of(otherwise.text, kOut);
  if (!value) return std::unexpected(value.error());
  otherwise.value = *value;
  return {};
}

bool give_default(const Argument& otherwise, Sample& sample) {
  if (!otherwise.is_given) return false;
  sample = otherwise.value;
  if (sample.is_text()) sample.text = otherwise.text;
  return true;
}

bool apply_map(const Call& call, Sample& sample) {
  return call.argument(0).map->look_up(sample, call.arena) || give_default(call.argument(1), sample);
}

/// `map_regm`: the value's \1 are groups of the expression that matched.
bool apply_regm(const Call& call, Sample& sample) {
  std::string_view groups[Regex::kMostGroups];
  Sample value;
  if (!call.argument(0).map->look_up_groups(sample.text, groups, value, call.arena))
    return give_default(call.argument(1), sample);
  BoundedText out;
  out.add_substitution(value.text, groups);
  sample = Sample::string(out.copy_to(call.arena));
  return true;
}

template <Match kMatch, Type kIn, Type kOut>
constexpr ConverterRow row(std::string_view name) {
  return {name, "s?s", kIn, kOut, apply_map, prepare_map<kMatch, kOut>};
}

constexpr Type kAddress = Type::kAddress;
constexpr Type kInteger = Type::kInteger;
constexpr Type kString = Type::kString;

constexpr ConverterRow kRows[] = {
    row<Match::kString, kString, kString>("map"),
    row<Match::kBegins, kString, kString>("map_beg"),
    row<Match::kBegins, kString, kInteger>("map_beg_int"),
    row<Match::kBegins, kString, kAddress>("map_beg_ip"),
    row<Match::kDirectory, kString, kString>("map_dir"),
    row<Match::kDirectory, kString, kInteger>("map_dir_int"),
    row<Match::kDirectory, kString, kAddress>("map_dir_ip"),
    row<Match::kDomain, kString, kString>("map_dom"),
    row<Match::kDomain, kString, kInteger>("map_dom_int"),
    row<Match::kDomain, kString, kAddress>("map_dom_ip"),
    row<Match::kEnds, kString, kString>("map_end"),
    row<Match::kEnds, kString, kInteger>("map_end_int"),
    row<Match::kEnds, kString, kAddress>("map_end_ip"),
    row<Match::kInteger, kInteger, kString>("map_int"),
    row<Match::kInteger, kInteger, kInteger>("map_int_int"),
    row<Match::kInteger, kInteger, kAddress>("map_int_ip"),
    row<Match::kAddress, kAddress, kString>("map_ip"),
    row<Match::kAddress, kAddress, kInteger>("map_ip_int"),
    row<Match::kAddress, kAddress, kAddress>("map_ip_ip"),
    row<Match::kRegex, kString, kString>("map_reg"),
    row<Match::kRegex, kString, kInteger>("map_reg_int"),
    row<Match::kRegex, kString, kAddress>("map_reg_ip"),
    {"map_regm", "s?s", kString, kString, apply_regm, prepare_map<Match::kRegex, kString>},
    row<Match::kString, kString, kString>("map_str"),
    row<Match::kString, kString, kInteger>("map_str_int"),
    row<Match::kString, kString, kAddress>("map_str_ip"),
    row<Match::kContains, kString, kString>("map_sub"),
    row<Match::kContains, kString, kInteger>("map_sub_int"),
    row<Match::kContains, kString, kAddress>("map_sub_ip"),
};

}  // namespace

std::span<const ConverterRow> map_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
