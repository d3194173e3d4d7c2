#include "lb/haproxy/predicates.h"

#include <algorithm>
#include <array>
#include <limits>

#include "lb/base/text.h"

namespace reseal::haproxy {
namespace {

/// Major, minor, patch, letters ("1.1.1w"), stage, number of the stage ("-dev19"): compared in this order.
using Version = std::array<std::uint64_t, 6>;

// A development version comes before its release, alpha and beta between the two; what is unknown behind the
// numbers (a distribution's "-1+deb12u4") belongs to the release.
constexpr std::array<std::string_view, 5> kStages{"dev", "alpha", "beta", "pre", "rc"};
constexpr std::uint64_t kReleased = kStages.size();

/// Takes the digits at the beginning; 0 if there are none. Too large a number is the largest one.
std::uint64_t take_number(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  const auto value = parse_decimal(text.substr(0, length));
  text.remove_prefix(length);
  if (length == 0) return 0;
  return value.value_or(std::numeric_limits<std::uint64_t>::max());
}

std::uint64_t take_letters(std::string_view& text) {
  std::uint64_t value = 0;
  while (!text.empty() && text.front() >= 'a' && text.front() <= 'z' && value < 1'000'000) {
    value = value * 26 + static_cast<std::uint64_t>(text.front() - 'a') + 1;
    text.remove_prefix(1);
  }
  return value;
}

/// Missing parts count as 0, as HAProxy has it, so any text is a version.
Version parse_version(std::string_view text) {
  Version version{};
  for (std::size_t part = 0; part < 3; ++part) {
    version[part] = take_number(text);
    if (!text.starts_with('.')) break;
    text.remove_prefix(1);
  }
  version[3] = take_letters(text);
  version[4] = kReleased;
  if (text.starts_with('-')) text.remove_prefix(1);
  for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
    if (!text.starts_with(kStages[stage])) continue;
    text.remove_prefix(kStages[stage].size());
    version[4] = stage;
    version[5] = take_number(text);
    break;
  }
  return version;
}

/// "3.0.19" of "OpenSSL 3.0.19 27 Jan 2026".
Version library_version(const Abilities& abilities) {
  const std::string_view text = abilities.ssl_library;
  const std::size_t blank = text.find(' ');
  return parse_version(blank == std::string_view::npos ? "" : text.substr(blank + 1));
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool defined(const PredicateInput& in) {
  return in.environment.find(in.arguments[0]).has_value();
}
bool feature(const PredicateInput& in) {
  return contains(in.abilities.features, in.arguments[0]);
}
bool enabled(const PredicateInput& in) {
  return contains(in.abilities.enabled, in.arguments[0]);
}
bool streq(const PredicateInput& in) {
  return in.arguments[0] == in.arguments[1];
}
bool strneq(const PredicateInput& in) {
  return in.arguments[0] != in.arguments[1];
}
bool strstr(const PredicateInput& in) {
  return in.arguments[0].find(in.arguments[1]) != std::string::npos;
}
bool version_atleast(const PredicateInput& in) {
  return parse_version(in.abilities.version) >= parse_version(in.arguments[0]);
}
bool openssl_version_atleast(const PredicateInput& in) {
  return library_version(in.abilities) >= parse_version(in.arguments[0]);
}
bool ssllib_name_startswith(const PredicateInput& in) {
  return in.abilities.ssl_library.starts_with(in.arguments[0]);
}
bool never(const PredicateInput&) {
  return false;
}

constexpr Predicate kPredicates[] = {
    {"defined", 1, defined},
    {"enabled", 1, enabled},
    {"feature", 1, feature},
    {"openssl_version_atleast", 1, openssl_version_atleast},
    {"openssl_version_before", 1, [](const PredicateInput& in) { return !openssl_version_atleast(in); }},
    {"ssllib_name_startswith", 1, ssllib_name_startswith},
    {"streq", 2, streq},
    {"strneq", 2, strneq},
    {"strstr", 2, strstr},
    {"version_atleast", 1, version_atleast},
    {"version_before", 1, [](const PredicateInput& in) { return !version_atleast(in); }},
    // AWS-LC is never what we are built with.
    {"awslc_api_atleast", 1, never},
    {"awslc_api_before", 1, never},
};

}  // namespace

const Predicate* find_predicate(std::string_view name) {
  const auto* const found = std::ranges::find(kPredicates, name, &Predicate::name);
  return found == std::end(kPredicates) ? nullptr : found;
}

std::vector<std::string> predicate_names() {
  std::vector<std::string> names;
  for (const Predicate& predicate : kPredicates) names.emplace_back(predicate.name);
  return names;
}

}  // namespace reseal::haproxy
