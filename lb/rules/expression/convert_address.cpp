// Converters of addresses and of "host:port".
#include <algorithm>

#include "lb/base/text.h"
#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

bool apply_ipmask(const Call& call, Sample& sample) {
  const Argument& mask = call.argument(sample.type == Type::kIpv4 ? 0 : 1);
  if (!mask.is_given) return false;
  for (std::size_t i = 0; i < sample.bytes.size(); ++i) sample.bytes[i] &= mask.value.bytes[i];
  return true;
}

/// Where the port's ':' stands: behind a name, an IPv4 address or a ']'; at the end if there is none.
std::size_t end_of_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    return bracket == std::string_view::npos ? text.size() : bracket + 1;
  }
  return std::min(text.find(':'), text.size());
}
/// In lower case, as HAProxy has it.
bool apply_host_only(const Call& call, Sample& sample) {
  const std::string_view host = sample.text.substr(0, end_of_host(sample.text));
  if (host.size() > Sample::kMostText) return false;
  char* out = call.arena.allocate(host.size());
  std::ranges::transform(host, out, ascii_lower);
  sample = Sample::string({out, host.size()});
  return true;
}
bool apply_port_only(const Call&, Sample& sample) {
  std::string_view rest = sample.text.substr(end_of_host(sample.text));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  sample = Sample::number(take_integer(rest));
  return true;
}

constexpr ConverterRow kRows[] = {
    {"host_only", "", Type::kString, Type::kString, apply_host_only},
    {"ipmask", "m?M", Type::kAddress, Type::kAddress, apply_ipmask},
    {"port_only", "", Type::kString, Type::kInteger, apply_port_only},
};

}  // namespace

std::span<const ConverterRow> address_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
