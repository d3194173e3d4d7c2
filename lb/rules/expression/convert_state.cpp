// Converters that ask or change what is around the value: proxies by their names, captures.
#include "lb/rules/expression/capture_slots.h"
#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/proxy_state.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

/// No argument in the configuration; the one in the signature keeps who knows the proxies.
Prepared prepare_names(std::vector<Argument>& arguments, const Environment& environment) {
  if (arguments[0].is_given) return std::unexpected("takes no arguments");
  if (environment.proxies == nullptr && environment.finds_names)
    return std::unexpected("proxies are not available here");
  arguments[0].proxies = environment.proxies;
  return {};
}
bool take_figure(const ProxyState* proxy, Figure figure, Sample& sample) {
  const auto value = proxy == nullptr ? std::nullopt : proxy->figure(figure);
  if (value) sample = Sample::number(*value);
  return value.has_value();
}
bool apply_nbsrv(const Call& call, Sample& sample) {
  const ProxyFinder* proxies = call.argument(0).proxies.get();
  if (proxies == nullptr || sample.text.empty()) return false;
  return take_figure(proxies->backend(sample.text).get(), Figure::kUsableServers, sample);
}
/// "backend/server", or a server of the request's backend.
bool apply_srv_queue(const Call& call, Sample& sample) {
  const ProxyFinder* proxies = call.argument(0).proxies.get();
  if (proxies == nullptr) return false;
  return take_figure(proxies->server_of(call.context.backend, sample.text).get(), Figure::kQueue, sample);
}

/// The value goes on as it is; where there is no such capture, there is none any more.
template <bool (CaptureSlots::*kKeep)(std::size_t, std::string_view)>
bool apply_capture(const Call& call, Sample& sample) {
  const SampleContext& context = call.context;
  if (context.captures == nullptr || context.request_arena == nullptr) return false;
  const auto slot = static_cast<std::size_t>(call.argument(0).integer);
  return (context.captures->*kKeep)(slot, context.request_arena->copy(sample.text));
}
Prepared prepare_slot(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].integer < 0) return std::unexpected("captures are counted from 0");
  return {};
}

bool apply_debug(const Call&, Sample&) {
  return true;
}

constexpr ConverterRow kRows[] = {
    {"capture-req", "i", Type::kString, Type::kString, apply_capture<&CaptureSlots::keep_of_request>,
     prepare_slot},
    {"capture-res", "i", Type::kString, Type::kString, apply_capture<&CaptureSlots::keep_of_response>,
     prepare_slot},
    // What it would write is for HAProxy's own trace rings.
    {"debug", "?ss", Type::kAny, Type::kAny, apply_debug},
    {"nbsrv", "?s", Type::kString, Type::kInteger, apply_nbsrv, prepare_names},
    {"srv_queue", "?s", Type::kString, Type::kInteger, apply_srv_queue, prepare_names},
};

}  // namespace

std::span<const ConverterRow> state_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
