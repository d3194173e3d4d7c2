// A backend: its servers and how one of them is chosen. Backend is what one generation says (immutable,
// shared by workers); LocalBackend is what one worker adds: balancer state and connection pools. Eligibility
// is decided here and nowhere else; the algorithms (balancer_*.h) only choose among the eligible.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/address_fields.h"
#include "backends/admission.h"
#include "backends/backend_state.h"
#include "backends/balance_settings.h"
#include "backends/balancer.h"
#include "backends/balancer_haproxy.h"
#include "backends/balancer_round_robin.h"
#include "backends/connection_pool.h"
#include "backends/outlier.h"
#include "backends/persistence_policy.h"
#include "backends/retry_budget.h"
#include "backends/retry_settings.h"
#include "backends/server.h"
#include "backends/stick_rules.h"
#include "lb/base/random.h"
#include "lb/http/compression_policy.h"
#include "lb/net/proxy_protocol.h"
#include "lb/rules/expression/expression.h"
#include "lb/rules/expression/surroundings.h"

namespace reseal::backends {

/// How long a tunnel may be silent.
struct TunnelTimeouts {
  Duration open{3600000};
  Duration half_closed{60000};  ///< once one side has ended
};

/// Tells of each request by what name a server is asked.
struct ServerName {
  std::string text;  ///< as configured: Server::name_of_request
  rules::expression::Expression expression;
};

struct Backend {
  std::string name;
  std::uint64_t generation = 0;  ///< how many configurations of it came before
  BalanceMethod method = BalanceMethod::kRoundRobin;
  std::uint32_t draws = 2;  ///< with kRandomOfTwo
  HashSettings hash;        ///< with the hash methods
  RetrySettings retry;
  OutlierSettings outlier;
  std::uint32_t max_requests = 0;     ///< in flight at its servers, all workers; 0: no limit
  std::uint32_t max_connections = 0;  ///< to its servers, all workers; 0: no limit
  /// Requests at it with which its servers have their max_requests; 0: no server has min_requests.
  std::uint32_t full_load = 0;
  Duration queue_timeout{5000};
  std::uint32_t queue_length = 1000;
  std::uint32_t body_rate = 500;  ///< bytes a second that a body keeps while others wait; 0: any
  Duration slow_start{0};         ///< the longest of a server; 0: none
  bool can_panic = false;         ///< panic_threshold is set
  Duration response_timeout{60000};
  Duration idle_timeout{60000};
  TunnelTimeouts tunnel_timeouts;
  std::vector<net::ProxyForm> proxy_forms;  ///< of PROXY headers: those that some server gets
  std::string name_field;                   ///< tells each server its own name; empty: none does
  bool one_request = false;                 ///< connections are closed after a response
  bool pretends_keep_alive = false;         ///< without telling the server beforehand
  AddressFields address_fields;
  rules::expression::BackendFacts facts;
  bool asks_down = false;  ///< a server that a rule names is asked even while it is down
  std::shared_ptr<const PersistencePolicy> persistence;  ///< null: clients are spread anew each time
  std::shared_ptr<const StickRules> stick_rules;         ///< null: there are none
  std::vector<ServerName> names;  ///< those by which servers are asked that go by the request
  std::shared_ptr<const http::CompressionPolicy> compression;  ///< null: nothing is compressed
  std::vector<std::shared_ptr<const Server>> servers;
  std::shared_ptr<stats::CounterSet> counters;                             ///< never null; survives reloads
  std::shared_ptr<BackendState> state = std::make_shared<BackendState>();  ///< survives reloads
};

/// Servers already tried for one request. Small: attempts are few.
class TriedServers {
 public:
  void add(std::uint32_t server) {
    if (count_ < kMost) servers_[count_++] = server;
  }
  [[nodiscard]] bool contains(std::uint32_t server) const;
  [[nodiscard]] bool empty() const { return count_ == 0; }
  void clear() { count_ = 0; }

 private:
  static constexpr std::size_t kMost = 16;
  std::array<std::uint32_t, kMost> servers_;
  std::size_t count_ = 0;
};

class LocalBackend final : public RoomMaker {
 public:
  /// Takes over the pools of `previous` (may be null) whose servers are the same. `services` and `random` are
  /// borrowed.
  LocalBackend(std::shared_ptr<const Backend> backend, const PoolServices& services, Random& random,
               LocalBackend* previous);
  ~LocalBackend();
  LocalBackend(const LocalBackend&) = delete;
  LocalBackend& operator=(const LocalBackend&) = delete;

  /// After a reload: pools that `successor` (null: none) did not take over close what is idle.
  void retire_pools_not_in(const LocalBackend* successor);

  [[nodiscard]] const Backend& settings() const { return *backend_; }
  [[nodiscard]] stats::TrafficCounters& counters() { return backend_->counters->of(services_.worker); }

  /// The server for a request: an eligible one not tried yet; failing that a backup; failing that one that
  /// was tried but is still eligible. Nothing when there is none. `key` matters to the hash methods only;
  /// without one they take turns.
  /// `preferred` (persistence) goes before all that while it is up, not ejected and not tried, a backup or draining
  /// (weight 0) as it may be.
  [[nodiscard]] std::optional<std::uint32_t> choose(std::optional<std::uint64_t> key,
                                                    const TriedServers& tried,
                                                    std::optional<std::uint32_t> preferred = {});
  /// Whether there is an eligible server that was not tried.
  [[nodiscard]] bool has_untried(const TriedServers& tried);

  // With limits: for Admission.
  [[nodiscard]] bool is_limited() const { return door_ != nullptr; }
  /// Chooses among the servers that have room and claims it, which pool(server).acquire() then uses. kWaiting: some are
  /// eligible, none has room; nothing is held then. A preferred server that is full is passed over: waiting for one
  /// server would hold up all who wait for any.
  /// `older_head`: only servers that came after this generation, the others are for who waits already.
  Admission::Outcome admit(const AdmissionWish& wish, std::optional<std::uint64_t> older_head,
                           std::uint32_t& server, Slot& backend_slot, Slot& server_slot);
  [[nodiscard]] WaitQueue& queue() { return backend_->state->queue; }
  [[nodiscard]] QueueDoor& door() { return *door_; }
  /// A request comes to the backend, to wait or to be served, or leaves it: limits that go by that are set anew.
  void count_load(int change);
  /// The head of the queue is here, and idle connections of other workers may be what it lacks.
  void ask_for_room() {
    if (limits_connections_) queue().ask_for_room(*door_);
  }

  /// Requests of other workers wait: closes idle connections that count against a limit.
  void make_room() override;

  [[nodiscard]] RetryBudget& retry_budget() { return retry_budget_; }
  /// What became of a request at `server`, for outlier detection: a valid response, or none.
  void note_response(std::uint32_t server, int status);
  void note_error(std::uint32_t server, std::string_view why);
  [[nodiscard]] ConnectionPool& pool(std::uint32_t server) { return *pools_[server]; }

 private:
  [[nodiscard]] bool may_keep(std::uint32_t server, const TriedServers& tried) const;
  /// Room on this server, for a request with these needs: all of it or nothing.
  bool claim(std::uint32_t server, const ConnectionNeeds& needs, Slot& slot);
  /// Whom to choose among.
  struct Wanted {
    const ConnectionNeeds* room_for;  ///< null: room does not matter
    bool with_ejected;
    bool backup;
    const TriedServers* except;  ///< null: nobody
    std::optional<std::uint64_t> older_head;
  };
  /// Fills candidates_; true if somebody was left out for want of room only.
  bool collect(const Wanted& wanted);
  /// Fills candidates_ with the best that there are; the same.
  bool collect_best(const TriedServers& tried, bool takes_tried, const ConnectionNeeds* room_for,
                    std::optional<std::uint64_t> older_head);
  [[nodiscard]] bool is_left_to_others(std::uint32_t server, std::optional<std::uint64_t> older_head) const {
    return older_head && backend_->servers[server]->state->first_generation <= *older_head;
  }
  [[nodiscard]] bool is_eligible(const Server& server, bool with_ejected) const;
  [[nodiscard]] bool has_room(std::uint32_t server, const ConnectionNeeds* room_for) const;
  [[nodiscard]] std::uint32_t weight_of(const Server& server) const;
  /// The server whose idle connection is missed least, where the backend's limit on connections is used up.
  [[nodiscard]] std::optional<std::uint32_t> find_spare() const;
  /// That one may be closed so that `server` gets one.
  [[nodiscard]] bool may_have(std::uint32_t server, std::optional<std::uint32_t> spare) const;
  std::size_t pick(std::optional<std::uint64_t> key);
  std::size_t pick_by_hash(std::uint64_t key);
  void set_limits();
  /// How many requests it takes now.
  [[nodiscard]] std::uint32_t limit_of(const Server& server) const;
  /// Sets it; true: it is higher than before.
  [[nodiscard]] bool follow_load(const Server& server) const;
  void set_hashing();
  void report(std::uint32_t server, std::optional<std::string> reason);

  std::shared_ptr<const Backend> backend_;
  const PoolServices& services_;
  Random& random_;
  SmoothRoundRobin round_robin_;
  ServerMap map_;                    // with HashPlacement::kMap
  ServerRing ring_;                  // with HashPlacement::kRing
  std::unique_ptr<QueueDoor> door_;  // null: nothing is limited; outlives the pools' connections
  std::vector<std::shared_ptr<ConnectionPool>>
      pools_;                              // shared with the previous generation's LocalBackend while it ends
  std::vector<Candidate> candidates_;      // scratch, kept for its capacity
  std::vector<OutlierDetector> outliers_;  // by server; empty when none are looked for
  RetryBudget retry_budget_;
  std::optional<std::uint32_t> spare_;  // as of the last look at the servers
  bool limits_connections_ = false;
  bool is_current_ = true;  // of the newest configuration: limits are its to set
};

}  // namespace reseal::backends
