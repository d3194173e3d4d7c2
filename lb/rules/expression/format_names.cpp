#include "lb/rules/expression/format_names.h"

#include <algorithm>
#include <iterator>

namespace reseal::rules::expression {
namespace {

struct Name {
  std::string_view name;
  std::string_view format;
};

/// With three digits of milliseconds.
constexpr std::string_view kDate =
    "%[date,ltime(\"%d/%b/%Y:%H:%M:%S\")].%[date_us,div(1000),add(1000),regsub(^1,)]";

// HAProxy manual, 8.2.6. Of the request what a rule about the response sees too.
constexpr Name kNames[] = {
    {"H", "%[hostname]"},
    {"HM", "%[method]"},
    {"HP", "%[capture.req.uri,field(1,?)]"},
    {"HPO", "%[capture.req.uri,field(1,?)]"},
    {"HU", "%[capture.req.uri]"},
    {"HV", "%[capture.req.ver]"},
    {"ID", "%[unique-id]"},
    {"T", "%[date,utime(\"%d/%b/%Y:%H:%M:%S +0000\")]"},
    {"Tl", "%[date,ltime(\"%d/%b/%Y:%H:%M:%S %z\")]"},
    {"Ts", "%[date]"},
    {"b", "%[be_name]"},
    {"ci", "%[src]"},
    {"cp", "%[src_port]"},
    {"f", "%[fe_name]"},
    {"fi", "%[dst]"},
    {"fp", "%[dst_port]"},
    {"ft", "%[fe_name]%[ssl_fc,iif(~,)]"},
    {"r", "%[method] %[capture.req.uri] %[capture.req.ver]"},
    {"s", "%[srv_name]"},
    {"sslc", "%[ssl_fc_cipher]"},
    {"sslv", "%[ssl_fc_protocol]"},
    {"t", kDate},
    {"tr", kDate},
    {"trg", "%[date,utime(\"%d/%b/%Y:%H:%M:%S +0000\")]"},
    {"trl", "%[date,ltime(\"%d/%b/%Y:%H:%M:%S %z\")]"},
};

}  // namespace

std::string_view format_of_name(std::string_view name) {
  const auto* const row = std::ranges::find(kNames, name, &Name::name);
  return row == std::end(kNames) ? std::string_view() : row->format;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Name& each : kNames) names.emplace_back(each.name);
  return names;
}

}  // namespace reseal::rules::expression
