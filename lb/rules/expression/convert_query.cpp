// Converters that look into JSON, and into JSON Web Tokens (RFC 7519).
#include <array>
#include <charconv>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/argument_text.h"
#include "lb/rules/expression/base64.h"
#include "lb/rules/expression/bounded_text.h"
#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/json_path.h"
#include "tls/digest.h"
#include "tls/public_key.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;
using Kind = JsonValue::Kind;

// ---- JSON

constexpr std::int64_t kMostExact = (std::int64_t{1} << 53) - 1;  // of a double

/// What stands between the quotes, without its escapes. As HAProxy, of \u only what is one byte.
bool unescape(std::string_view text, BoundedText& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.add(text[i]);
    } else if (text.substr(i).starts_with("\\u00") && i + 5 < text.size()) {
      const int high = hex_digit(text[i + 4]);
      const int low = hex_digit(text[i + 5]);
      if (high < 0 || low < 0) return false;
      out.add(static_cast<char>(high << 4 | low));
      i += 5;
    } else {
      const std::size_t index = i + 1 < text.size() ? kLetters.find(text[++i]) : std::string_view::npos;
      if (index == std::string_view::npos) return false;
      out.add(kMeant[index]);
    }
  }
  return true;
}

bool take_number(const Call& call, std::string_view text, bool as_integer, Sample& sample) {
  if (as_integer) {
    const std::int64_t number = take_integer(text);
    sample = Sample::number(number);
    return number >= -kMostExact && number <= kMostExact;
  }
  double number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return false;
  constexpr int kDigits = 6;  // of printf's %g
  std::array<char, 32> out;
  const auto end =
      std::to_chars(out.data(), out.data() + out.size(), number, std::chars_format::general, kDigits).ptr;
  sample = Sample::string(call.arena.copy({out.data(), static_cast<std::size_t>(end - out.data())}));
  return true;
}

/// By the first two arguments: the path, and whether numbers are integers.
bool query(const Call& call, std::string_view json, Sample& sample) {
  const auto value = JsonText(json).find(call.argument(0).text);
  if (!value) return false;
  switch (value->kind) {
    case Kind::kString: {
      BoundedText out;
      if (!unescape(value->text, out)) return false;
      sample = Sample::string(out.copy_to(call.arena));
      return true;
    }
    case Kind::kNumber:
      return take_number(call, value->text, call.argument(1).integer != 0, sample);
    case Kind::kTrue:
    case Kind::kFalse:
      sample = Sample::boolean(value->kind == Kind::kTrue);
      return true;
    case Kind::kArray:
      sample = Sample::string(value->text);
      return true;
    default:
      return false;
  }
}
Prepared prepare_query(std::vector<Argument>& arguments, const Environment&) {
  if (!arguments[0].text.empty() && !JsonText::is_path(arguments[0].text))
    return std::unexpected("'" + shortened(arguments[0].text) + "' is not a path such as $.user.roles[0]");
  if (!arguments[1].text.empty() && arguments[1].text != "int")
    return std::unexpected("'" + shortened(arguments[1].text) + "' is not a type of numbers (accepted: int)");
  arguments[1].integer = arguments[1].text.empty() ? 0 : 1;
  return {};
}
Prepared prepare_json_query(std::vector<Argument>& arguments, const Environment& environment) {
  if (arguments[0].text.empty()) return std::unexpected("no path");
  return prepare_query(arguments, environment);
}
bool apply_json_query(const Call& call, Sample& sample) {
  return query(call, sample.text, sample);
}

// ---- tokens: header.payload.signature

template <std::size_t kPart>
bool apply_part(const Call& call, Sample& sample) {
  std::string_view rest = sample.text;
  for (std::size_t i = 0; i < kPart; ++i) {
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return false;
    rest.remove_prefix(dot + 1);
  }
  const auto json = decode_base64(rest.substr(0, rest.find('.')), Base64::kUrl, call.arena);
  if (!json) return false;
  if (!call.argument(0).text.empty()) return query(call, *json, sample);
  sample = Sample::string(*json);
  return true;
}

/// HAProxy's numbers.
enum Verdict : std::int64_t {
  kWrong = 0,
  kRight = 1,
  kUnknownAlgorithm = -1,
  kUnmanagedAlgorithm = -2,
  kNoToken = -3,
  kUnknownKey = -5,
};

enum class Way : std::uint8_t { kNone, kHmac, kRsa, kEcdsa, kUnmanaged };
struct Algorithm {
  std::string_view name;
  Way way;
  const char* digest;
};
constexpr Algorithm kAlgorithms[] = {
    {"none", Way::kNone, ""},         {"HS256", Way::kHmac, "sha256"},  {"HS384", Way::kHmac, "sha384"},
    {"HS512", Way::kHmac, "sha512"},  {"RS256", Way::kRsa, "sha256"},   {"RS384", Way::kRsa, "sha384"},
    {"RS512", Way::kRsa, "sha512"},   {"ES256", Way::kEcdsa, "sha256"}, {"ES384", Way::kEcdsa, "sha384"},
    {"ES512", Way::kEcdsa, "sha512"}, {"PS256", Way::kUnmanaged, ""},   {"PS384", Way::kUnmanaged, ""},
    {"PS512", Way::kUnmanaged, ""},
};
const Algorithm* find_algorithm(std::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
}

bool is_variable(Argument& argument, const Environment& environment) {
  if (environment.variables == nullptr) return false;
  const auto id = environment.variables->id_of(argument.text);
  if (id) argument.variable = *id;
  return id.has_value();
}
/// `jwt_verify(algorithm, key)`: a key that is not a secret is a file.
Prepared prepare_verify(std::vector<Argument>& arguments, const Environment& environment) {
  Argument& key = arguments[1];
  const bool any_algorithm = is_variable(arguments[0], environment);
  const Algorithm* algorithm = find_algorithm(arguments[0].text);
  if (!any_algorithm && algorithm == nullptr)
    return std::unexpected("'" + shortened(arguments[0].text) +
                           "' is not an algorithm (accepted: none, HS256, RS256, ES256 and so on)");
  if (is_variable(key, environment) || !environment.finds_names) return {};
  const bool needs_file =
      algorithm != nullptr && (algorithm->way == Way::kRsa || algorithm->way == Way::kEcdsa);
  if (!needs_file && !any_algorithm) return {};
  const auto pem = environment.files == nullptr ? std::unexpected(std::string("files are not available here"))
                                                : environment.files->read(key.text);
  if (pem) key.key = tls::PublicKey::parse(*pem);
  if (key.key != nullptr || !needs_file) return {};
  return std::unexpected("'" + shortened(key.text) + "': " + (pem ? "no public key is in it" : pem.error()));
}

bool is_hmac(const Algorithm& algorithm, std::string_view secret, std::string_view signed_part,
             std::string_view signature) {
  const auto digest = tls::Digest::find(algorithm.digest);
  char hash[tls::Digest::kMostBytes];
  const std::size_t size = digest ? digest->keyed_hash(secret, signed_part, hash) : 0;
  return size > 0 && tls::same_secret({hash, size}, signature);
}

Verdict verify(const Call& call, std::string_view token, std::string_view name, std::string_view key) {
  const Algorithm* algorithm = find_algorithm(name);
  if (algorithm == nullptr) return kUnknownAlgorithm;
  const std::size_t last = token.rfind('.');
  if (last == std::string_view::npos || token.find('.') == last) return kNoToken;
  const auto signature = decode_base64(token.substr(last + 1), Base64::kUrl, call.arena);
  const std::string_view signed_part = token.substr(0, last);
  // A token that names its algorithm itself must not choose a public key's file as the secret, or none at all.
  const bool chosen_by_token = call.argument(0).variable.has_value() && call.argument(1).key != nullptr;
  if (chosen_by_token && algorithm->way != Way::kRsa && algorithm->way != Way::kEcdsa) return kUnknownKey;
  if (algorithm->way == Way::kNone) return last + 1 == token.size() ? kRight : kWrong;
  if (algorithm->way == Way::kUnmanaged) return kUnmanagedAlgorithm;
  if (!signature) return kNoToken;
  if (algorithm->way == Way::kHmac)
    return is_hmac(*algorithm, key, signed_part, *signature) ? kRight : kWrong;
  if (call.argument(1).key == nullptr) return kUnknownKey;
  const auto kind = algorithm->way == Way::kRsa ? tls::PublicKey::Kind::kRsa : tls::PublicKey::Kind::kEcdsa;
  return call.argument(1).key->verifies(kind, algorithm->digest, signed_part, *signature) ? kRight : kWrong;
}
bool apply_verify(const Call& call, Sample& sample) {
  const auto name = argument_text(call, 0);
  const auto key = argument_text(call, 1);
  if (!name || !key) return false;
  sample = Sample::number(verify(call, sample.text, *name, *key));
  return true;
}

constexpr ConverterRow kRows[] = {
    {"json_query", "s?s", Type::kString, Type::kAny, apply_json_query, prepare_json_query},
    {"jwt_header_query", "?ss", Type::kBinary, Type::kAny, apply_part<0>, prepare_query},
    {"jwt_payload_query", "?ss", Type::kBinary, Type::kAny, apply_part<1>, prepare_query},
    {"jwt_verify", "ss", Type::kBinary, Type::kInteger, apply_verify, prepare_verify},
};

}  // namespace

std::span<const ConverterRow> query_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
