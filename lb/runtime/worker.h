// A worker: one thread, one loop, its listeners, its connections, its view of the generation. Told what to do
// by messages only; tells the process by WorkerReports. Owner: the process. Constructed, started and joined
// by the control thread; everything else runs on its own thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "backends/health_reports.h"
#include "lb/net/listener.h"
#include "lb/net/mailbox.h"
#include "lb/proxy/client_connection.h"
#include "lb/proxy/worker_context.h"
#include "lb/runtime/connection_budget.h"

namespace reseal::runtime {

/// A listening socket for one worker.
struct ListenerPlan {
  std::string key;  ///< the bind as configured; finds the listener again at the next reload
  std::string frontend;
  std::size_t bind = 0;  ///< its number among the frontend's
  net::Fd socket;        ///< open for a new listener; closed: keep the one with this key
};

/// Serve this generation from now on; listeners that are not in the plan are drained and closed.
struct UseGeneration {
  std::uint64_t number = 0;
  std::shared_ptr<const proxy::RoutingTable> table;
  std::vector<ListenerPlan> listeners;
};
/// Stop accepting, finish what is in flight, report on_worker_drained.
struct BeginDrain {};
/// Drop everything and leave the loop.
struct EndNow {};
/// A page that was asked for with that number.
struct PageMade {
  std::uint64_t ticket = 0;
  std::shared_ptr<const proxy::Page> page;
};
/// Requests and tunnels at that server end.
struct EndSessions {
  std::shared_ptr<const backends::ServerState> server;
  Code cause = Code::kServerWentDown;
};
using WorkerMessage = std::variant<UseGeneration, BeginDrain, EndNow, PageMade, EndSessions>;

/// Called from the worker's thread; implementations are thread-safe.
class WorkerReports : public backends::HealthReports, public proxy::PageMaker {
 public:
  virtual void on_generation_in_use(int worker, std::uint64_t number) = 0;
  virtual void on_worker_drained(int worker) = 0;

 protected:
  ~WorkerReports() = default;
};

class Worker final : private proxy::ConnectionObserver, private backends::EndingStreamsOwner {
 public:
  /// `budget`, `reports` and `log` are borrowed and outlive the worker. Accepting pauses while the budget is
  /// full.
  Worker(int index, ConnectionBudget& budget, WorkerReports& reports, Log& log, std::uint64_t seed);
  ~Worker();

  void start();
  void post(WorkerMessage message) { mailbox_.post(std::move(message)); }
  /// Posts EndNow and waits for the thread.
  void stop_and_join();

 private:
  struct Bound;  // a listener and the frontend it feeds
  void on_message(WorkerMessage message);
  void use(UseGeneration message);
  /// Drains those for which `which` holds.
  template <class Which>
  void drain_connections(Which which);
  void update_slots(const proxy::RoutingTable& table);
  void update_listeners(std::vector<ListenerPlan> plans);
  /// Accepts what the kernel has queued on them, then closes them.
  void close_listeners(std::map<std::string, std::unique_ptr<Bound>> listeners);
  void begin_drain();
  void end_now();
  void on_connection_closed() override;
  void on_streams_ended() override;
  void check_connection_limit();
  /// Accepting pauses or goes on, frontend by frontend.
  void apply_limits();
  void report_if_drained();

  net::Loop loop_;
  Random random_;
  WorkerReports& reports_;
  backends::EndingStreams ending_{loop_, *this};
  backends::PoolServices services_;
  proxy::WorkerContext context_;
  std::map<std::string, std::shared_ptr<proxy::FrontendSlot>> slots_;
  std::map<std::string, std::unique_ptr<Bound>> listeners_;
  ConnectionBudget& budget_;
  net::Timer limit_timer_;  // another worker may make room
  bool accepting_paused_ = false;
  bool limits_frontends_ = false;  // one of them has limits of its own
  bool drain_reported_ = false;
  net::Mailbox<WorkerMessage> mailbox_;
  std::thread thread_;
};

}  // namespace reseal::runtime
