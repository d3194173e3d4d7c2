// Fetches that look at no connection: constants, time, chance, variables.
#include <algorithm>
#include <cstring>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/condition.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/hex.h"
#include "lb/rules/expression/inspection.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

bool fetch_true(const Call&, Sample& out) {
  out = Sample::boolean(true);
  return true;
}
bool fetch_false(const Call&, Sample& out) {
  out = Sample::boolean(false);
  return true;
}

/// `bool`, whose argument is a word.
Prepared prepare_bool(std::vector<Argument>& arguments, const Environment&) {
  Argument& word = arguments[0];
  const bool yes = equals_ignoring_case(word.text, "true") || word.text == "1";
  if (!yes && !equals_ignoring_case(word.text, "false") && word.text != "0") {
    return std::unexpected("'" + shortened(word.text) + "' is not a boolean (accepted: true, false, 1 or 0)");
  }
  word.integer = yes ? 1 : 0;
  return {};
}
bool fetch_bool(const Call& call, Sample& out) {
  out = Sample::boolean(call.argument(0).integer != 0);
  return true;
}
bool fetch_int(const Call& call, Sample& out) {
  out = Sample::number(call.argument(0).integer);
  return true;
}
bool fetch_str(const Call& call, Sample& out) {
  out = Sample::string(call.argument(0).text);
  return true;
}
bool fetch_method_constant(const Call& call, Sample& out) {
  out = Sample::method(call.argument(0).text);
  return true;
}
bool fetch_address(const Call& call, Sample& out) {
  out = call.argument(0).value;
  return true;
}

/// `bin`, whose argument is hexadecimal.
Prepared prepare_bin(std::vector<Argument>& arguments, const Environment&) {
  auto bytes = bytes_of_hex(arguments[0].text);
  if (!bytes)
    return std::unexpected("'" + shortened(arguments[0].text) +
                           "' is not an even number of hexadecimal digits");
  arguments[0].text = std::move(*bytes);
  return {};
}
bool fetch_bin(const Call& call, Sample& out) {
  out = Sample::binary(call.argument(0).text);
  return true;
}

/// `env`: the process's environment does not change, so the value is looked up once.
Prepared prepare_env(std::vector<Argument>& arguments, const Environment& environment) {
  Argument& name = arguments[0];
  const char* value = environment.environment_variable == nullptr
                          ? nullptr
                          : environment.environment_variable(name.text.c_str());
  name.is_given = value != nullptr;
  name.text = value == nullptr ? "" : value;
  return {};
}
bool fetch_env(const Call& call, Sample& out) {
  out = Sample::string(call.argument(0).text);
  return call.argument(0).is_given;
}

/// `hostname` has no argument in the configuration; the one in its signature is filled here.
Prepared prepare_hostname(std::vector<Argument>& arguments, const Environment& environment) {
  if (arguments[0].is_given) return std::unexpected("takes no arguments");
  arguments[0].text = environment.hostname;
  return {};
}

bool fetch_one(const Call&, Sample& out) {
  out = Sample::number(1);
  return true;
}

constexpr std::int64_t kSecond = 1'000'000;

/// `date`: the argument's integer is the number of microseconds of its unit.
Prepared prepare_date(std::vector<Argument>& arguments, const Environment&) {
  const std::string_view unit = arguments[1].is_given ? std::string_view(arguments[1].text) : "s";
  arguments[1].integer = unit == "s" ? kSecond : unit == "ms" ? 1000 : unit == "us" ? 1 : 0;
  if (arguments[1].integer == 0)
    return std::unexpected("'" + shortened(unit) + "' is not a unit of time (accepted: s, ms or us)");
  return {};
}
bool fetch_date(const Call& call, Sample& out) {
  out = Sample::number(call.context.now_microseconds / call.argument(1).integer + call.argument(0).integer);
  return true;
}
bool fetch_date_us(const Call& call, Sample& out) {
  out = Sample::number(call.context.now_microseconds % kSecond);
  return true;
}

bool fetch_rand(const Call& call, Sample& out) {
  if (call.context.random == nullptr) return false;
  const std::uint64_t random = call.context.random->next() >> 32;
  const Argument& bound = call.argument(0);
  out = Sample::number(static_cast<std::int64_t>(
      bound.is_given ? (random * static_cast<std::uint64_t>(bound.integer)) >> 32 : random));
  return true;
}
Prepared prepare_rand(std::vector<Argument>& arguments, const Environment&) {
  const std::int64_t bound = arguments[0].integer;
  if (arguments[0].is_given && (bound < 1 || bound > 0xffffffff))
    return std::unexpected("the bound is not a number from 1 to 4294967295");
  return {};
}

Prepared prepare_uuid(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].is_given && arguments[0].integer != 4)
    return std::unexpected("no other version of UUIDs than 4");
  return {};
}
bool fetch_uuid(const Call& call, Sample& out) {
  if (call.context.random == nullptr) return false;
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
  char* text = call.arena.allocate(kForm.size());
  std::uint64_t random = 0;
  for (std::size_t i = 0; i < kForm.size(); ++i, random >>= 4) {
    if (i % 16 == 0) random = call.context.random->next();
    const std::uint64_t digit = kForm[i] == 'v' ? 8 + (random & 3) : random & 15;
    text[i] = kForm[i] == 'x' || kForm[i] == 'v' ? kDigits[digit] : kForm[i];
  }
  out = Sample::string({text, kForm.size()});
  return true;
}

bool fetch_var(const Call& call, Sample& out) {
  const VariableId id = *call.argument(0).variable;
  const VariableStore* store = call.context.variables[static_cast<std::size_t>(id.scope)];
  if (const Sample* value = store == nullptr ? nullptr : store->find(id.index)) {
    out = *value;
    return true;
  }
  out = Sample::string(call.argument(1).text);
  return call.argument(1).is_given;
}

/// `acl(NAME, !NAME...)`: whether all of them hold.
bool fetch_acl(const Call& call, Sample& out) {
  const bool waits = call.context.inspection != nullptr;
  Truth together = Truth::kYes;
  for (const Argument& argument : call.arguments) {
    if (argument.acl == nullptr) continue;
    const Truth truth = waits ? argument.acl->look(call.context, call.arena)
                        : argument.acl->holds(call.context, call.arena) ? Truth::kYes
                                                                        : Truth::kNo;
    together = std::min(together, argument.integer != 0 ? opposite(truth) : truth);
  }
  if (together == Truth::kNotYet) call.context.inspection->unsettle();
  out = Sample::boolean(together == Truth::kYes);
  return true;
}

constexpr FetchRow kRows[] = {
    {"acl", "a?aaaaaaaaaaa", Type::kBool, kNeedsNothing, fetch_acl},
    {"always_false", "", Type::kBool, kNeedsNothing, fetch_false},
    {"always_true", "", Type::kBool, kNeedsNothing, fetch_true},
    {"bin", "s", Type::kBinary, kNeedsNothing, fetch_bin, prepare_bin},
    {"bool", "s", Type::kBool, kNeedsNothing, fetch_bool, prepare_bool},
    {"date", "?is", Type::kInteger, kNeedsNothing, fetch_date, prepare_date},
    {"date_us", "", Type::kInteger, kNeedsNothing, fetch_date_us},
    {"env", "s", Type::kString, kNeedsNothing, fetch_env, prepare_env},
    {"hostname", "?s", Type::kString, kNeedsNothing, fetch_str, prepare_hostname},
    {"int", "i", Type::kInteger, kNeedsNothing, fetch_int},
    {"ipv4", "4", Type::kIpv4, kNeedsNothing, fetch_address},
    {"ipv6", "6", Type::kIpv6, kNeedsNothing, fetch_address},
    {"meth", "s", Type::kMethod, kNeedsNothing, fetch_method_constant},
    {"nbproc", "", Type::kInteger, kNeedsNothing, fetch_one},
    {"proc", "", Type::kInteger, kNeedsNothing, fetch_one},
    {"rand", "?i", Type::kInteger, kNeedsNothing, fetch_rand, prepare_rand},
    {"str", "s", Type::kString, kNeedsNothing, fetch_str},
    {"uuid", "?i", Type::kString, kNeedsNothing, fetch_uuid, prepare_uuid},
    {"var", "v?s", Type::kAny, kNeedsNothing, fetch_var},
};

}  // namespace

std::span<const FetchRow> constant_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
