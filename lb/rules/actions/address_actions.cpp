// What a client's address, and the one that it connected to, are taken to be from here on: set-src, set-dst and their ports.
#include "lb/rules/actions/action_table.h"

namespace reseal::rules::actions {
namespace {

enum class End : std::uint8_t { kSource, kDestination };
enum class Part : std::uint8_t { kHost, kPort };

class SetAddress final : public Action {
 public:
  SetAddress(End end, Part part, expression::Expression value)
      : is_source_(end == End::kSource), is_port_(part == Part::kPort), value_(std::move(value)) {}
  Verdict run(Run& run) const override {
    if (run.overrides == nullptr) return {};
    const net::Address*& seen = is_source_ ? run.context.client : run.context.local;
    const auto made = changed(run, seen);
    if (!made) return {};
    auto& kept = is_source_ ? run.overrides->source : run.overrides->destination;
    kept = *made;
    seen = &*kept;
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return value_.needs(); }

 private:
  /// Nothing for a value that is no address, or no port.
  [[nodiscard]] std::optional<net::Address> changed(Run& run, const net::Address* now) const {
    auto value = value_.evaluate(run.context, run.arena);
    if (!value) return std::nullopt;
    const bool is_known = now != nullptr && (now->family() == AF_INET || now->family() == AF_INET6);
    Result<net::Address> made;
    if (is_port_) {
      if (!expression::convert(*value, expression::Type::kInteger, run.arena)) return std::nullopt;
      made = net::Address::parse(is_known ? now->host() : "0.0.0.0",
                                 static_cast<std::uint16_t>(value->integer & 0xffff));
    } else {
      if (!expression::convert(*value, expression::Type::kString, run.arena)) return std::nullopt;
      made = net::Address::parse(value->text, is_known ? now->port() : std::uint16_t{0});
    }
    if (!made) return std::nullopt;
    return *made;
  }

  bool is_source_;
  bool is_port_;
  expression::Expression value_;
};

template <End kEnd, Part kPart>
Compiled<std::unique_ptr<Action>> read_address(ActionWords& words) {
  auto value = words.take_rest_as_expression("an expression");
  if (!value) return std::unexpected(value.error());
  return std::make_unique<SetAddress>(kEnd, kPart, std::move(*value));
}

constexpr std::uint8_t kAllRequests = kTcpConnection | kTcpSession | kTcpContent | kHttpRequest;

constexpr ActionRow kRows[] = {
    {"set-dst", kAllRequests, read_address<End::kDestination, Part::kHost>},
    {"set-dst-port", kAllRequests, read_address<End::kDestination, Part::kPort>},
    {"set-src", kAllRequests, read_address<End::kSource, Part::kHost>},
    {"set-src-port", kAllRequests, read_address<End::kSource, Part::kPort>},
};

}  // namespace

std::span<const ActionRow> address_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
