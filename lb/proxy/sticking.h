// One request under the `stick` rules of its backend: which server its keys lead to, and what is stored when a server has answered.
// A member of the exchange's server side; costs one comparison where there are no such rules. Single thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "backends/stick_rules.h"
#include "lb/base/arena.h"
#include "lb/rules/expression/sample_context.h"

namespace reseal::proxy {

class Sticking {
 public:
  using SampleContext = rules::expression::SampleContext;
  /// Of one request; HAProxy's bound.
  static constexpr std::size_t kMostStored = 8;

  /// A request begins. `rules` (null: none) and `context` (null: nothing is known) are borrowed until answered(); keys are kept in
  /// `arena`, the request's.
  void begin(const backends::StickRules* rules, const SampleContext* context, Arena& arena) {
    rules_ = context != nullptr ? rules : nullptr;
    preferred_.reset();
    if (rules_ != nullptr) look_at_request(*context, arena);
  }
  /// The server that an entry says; whether it is up is not known here.
  [[nodiscard]] std::optional<std::uint32_t> preferred() const { return preferred_; }

  /// The server (an index in the backend) answers; `context` sees its response.
  void answered(std::uint32_t server, const SampleContext* context, Arena& arena) {
    if (rules_ != nullptr && context != nullptr) store(server, *context, arena);
  }

 private:
  struct Stored {
    const backends::StickRule* rule = nullptr;
    std::string_view key;
  };
  void look_at_request(const SampleContext& context, Arena& arena);
  void look_at_response(const SampleContext& context, Arena& arena);
  void store(std::uint32_t server, const SampleContext& context, Arena& arena);
  /// Of each table the first rule that stores counts.
  [[nodiscard]] bool is_stored(const backends::StickRule& rule, std::size_t from) const;
  void keep(const backends::StickRule& rule, std::string_view key);

  const backends::StickRules* rules_ = nullptr;
  std::optional<std::uint32_t> preferred_;
  std::array<Stored, kMostStored> stored_;
  std::size_t stored_count_ = 0;
};

}  // namespace reseal::proxy
