// One worker's view of one generation: the frontends it describes and this worker's side of the backends.
// Counted without atomics: the worker holds the current one, each exchange pins the one it began with from
// head to log line. Owner: the worker. Single thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/backend.h"
#include "lb/proxy/frontend.h"

namespace reseal::proxy {

/// What of a generation the data path needs; immutable, shared by all workers.
struct RoutingTable {
  std::vector<std::shared_ptr<const Frontend>> frontends;
  std::vector<std::shared_ptr<const backends::Backend>> backends;
  /// The page of statistics of each backend; null: it serves none. Empty: none of them does.
  std::vector<std::shared_ptr<const StatsPage>> backend_statistics;
  /// Rules in HAProxy's language of each backend; null: none. Empty: none of them has any.
  std::vector<std::shared_ptr<const rules::actions::RuleSet>> backend_rules;
  /// Error pages of each backend. Empty: none of them has any.
  std::vector<ErrorPages> backend_pages;
  /// Something in the table asks rules in HAProxy's language.
  bool has_rule_sets = false;
  std::array<std::size_t, rules::expression::kScopes> variable_counts{};  ///< names of variables, by scope
  /// Of those of sessions, which outlive generations: earlier names keep their numbers.
  std::shared_ptr<const std::vector<std::string>> session_names =
      std::make_shared<const std::vector<std::string>>();

  [[nodiscard]] const rules::actions::RuleSet* rules_of(std::uint32_t backend) const {
    return backend < backend_rules.size() ? backend_rules[backend].get() : nullptr;
  }
  /// The pages for requests that have come to the backend; null: it has none.
  [[nodiscard]] const ErrorPages* pages_of(std::uint32_t backend) const {
    return backend < backend_pages.size() ? &backend_pages[backend] : nullptr;
  }
  /// Backends in mode tcp, where rules may name one.
  std::vector<bool> backend_is_tcp;
  /// By name; nothing if there is none.
  [[nodiscard]] std::optional<std::uint32_t> find_backend(std::string_view name) const;
  std::map<std::string, std::uint32_t, std::less<>> backend_names;  ///< filled where rules may name one
};

class LocalGeneration;

/// Keeps a LocalGeneration alive.
class GenerationPin {
 public:
  GenerationPin() = default;
  explicit GenerationPin(LocalGeneration& generation);
  ~GenerationPin() { reset(); }
  GenerationPin(GenerationPin&& other) noexcept : generation_(std::exchange(other.generation_, nullptr)) {}
  GenerationPin& operator=(GenerationPin&& other) noexcept;
  [[nodiscard]] LocalGeneration* operator->() const { return generation_; }
  [[nodiscard]] LocalGeneration& operator*() const { return *generation_; }
  [[nodiscard]] bool is_set() const { return generation_ != nullptr; }
  void reset();

 private:
  LocalGeneration* generation_ = nullptr;
};

class LocalGeneration {
 public:
  /// Takes over from `previous` (may be null) every connection pool that still fits. `services` and `random`
  /// are borrowed and outlive the object.
  static GenerationPin create(std::shared_ptr<const RoutingTable> table,
                              const backends::PoolServices& services, Random& random,
                              LocalGeneration* previous);

  [[nodiscard]] const RoutingTable& table() const { return *table_; }
  [[nodiscard]] backends::LocalBackend& backend(std::uint32_t index) { return *backends_[index]; }
  /// After a successor took over: closes idle connections of the pools it did not want.
  void retire(LocalGeneration& successor);

 private:
  friend class GenerationPin;
  LocalGeneration(std::shared_ptr<const RoutingTable> table, const backends::PoolServices& services,
                  Random& random, LocalGeneration* previous);
  [[nodiscard]] backends::LocalBackend* find(const std::string& backend_name);

  std::shared_ptr<const RoutingTable> table_;
  std::vector<std::unique_ptr<backends::LocalBackend>> backends_;
  int pins_ = 0;
};

}  // namespace reseal::proxy
