#include "lb/http/coding.h"

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::http {
namespace {

constexpr int kWhole = 1000;
constexpr std::size_t kMostDecimals = 3;

/// A qvalue in thousandths (RFC 9110 12.4.2); 0 for what is none.
int parse_weight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
  int weight = text[0] == '1' ? kWhole : 0;
  if (text.size() == 1) return weight;
  if (text[1] != '.' || text.size() > 2 + kMostDecimals) return 0;
  int worth = kWhole / 10;
  for (const char c : text.substr(2)) {
    if (!is_digit(c)) return 0;
    weight += (c - '0') * worth;
    worth /= 10;
  }
  return weight <= kWhole ? weight : 0;
}

/// The weight behind an element's name: ";q=0.5", or nothing, which is 1.
int weight_of(std::string_view parameters) {
  if (parameters.empty()) return kWhole;
  parameters = trim_blanks(parameters.substr(1));
  const bool is_weight = parameters.size() > 2 && ascii_lower(parameters[0]) == 'q' && parameters[1] == '=';
  return is_weight ? parse_weight(parameters.substr(2)) : 0;
}

void lower(int& weight, int to) {
  if (weight < 0 || to < weight) weight = to;
}

}  // namespace

std::string_view coding_name(Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return "gzip";
    case Coding::kBrotli:
      return "br";
    case Coding::kIdentity:
      break;
  }
  return "identity";
}

AcceptedCodings::AcceptedCodings(const RequestHead& head) {
  for (const Field& field : head.fields) {
    if (field.id == FieldName::kAcceptEncoding && !field.drop) add(field.value);
  }
}

void AcceptedCodings::add(std::string_view value) {
  for_each_element(value, [this](std::string_view element) { add_element(element); });
}

void AcceptedCodings::add_element(std::string_view element) {
  const std::size_t semicolon = element.find(';');
  const std::string_view name = trim_blanks(element.substr(0, semicolon));
  const int weight =
      weight_of(semicolon == std::string_view::npos ? std::string_view() : element.substr(semicolon));
  if (name == "*") {
    lower(others_, weight);
  } else if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) {
    lower(weights_[static_cast<std::size_t>(Coding::kGzip)], weight);
  } else if (equals_ignoring_case(name, "br")) {
    lower(weights_[static_cast<std::size_t>(Coding::kBrotli)], weight);
  } else if (equals_ignoring_case(name, "identity")) {
    lower(weights_[static_cast<std::size_t>(Coding::kIdentity)], weight);
  }
}

int AcceptedCodings::weight(Coding coding) const {
  const int named = weights_[static_cast<std::size_t>(coding)];
  return named != kUnnamed ? named : others_;
}

Coding AcceptedCodings::best_of(std::span<const Coding> offered) const {
  Coding best = Coding::kIdentity;
  int best_weight = 0;
  for (const Coding coding : offered) {
    if (weight(coding) > best_weight) {
      best = coding;
      best_weight = weight(coding);
    }
  }
  return best_weight >= weight(Coding::kIdentity) ? best : Coding::kIdentity;
}

}  // namespace reseal::http
