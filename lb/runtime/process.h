// The process: configuration, generations, workers, health, signals. Its loop is the control thread; the data
// path never waits for it.
//
//   start() ──► kStarting ──every worker serves──► kRunning ──stop(), SIGTERM──► kDraining
//   kDraining ──drained, or too late──► kEnded
//
// Owner: cli/run. One a process.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "health/monitor.h"
#include "lb/base/log.h"
#include "lb/config/door.h"
#include "lb/net/loop.h"
#include "lb/net/mailbox.h"
#include "lb/net/signal_watcher.h"
#include "lb/runtime/bind_table.h"
#include "lb/runtime/control.h"
#include "lb/runtime/generation.h"
#include "lb/runtime/haproxy_messages.h"
#include "lb/runtime/health_news.h"
#include "lb/runtime/idle_meter.h"
#include "lb/runtime/log_thread.h"
#include "lb/runtime/name_service.h"
#include "lb/runtime/page_press.h"
#include "lb/runtime/process_options.h"
#include "lb/runtime/statistics.h"
#include "lb/runtime/worker.h"

namespace reseal::runtime {

class Process final : public WorkerReports, public Control {
 public:
  /// `configuration` has been loaded and validated; `warnings` are what was found on the way. Reloads come through `door`.
  Process(config::Configuration configuration, std::vector<config::Problem> warnings, config::Door door,
          ProcessOptions options = {});
  ~Process();

  /// Reads certificates, resolves, binds, starts the workers. An error among the problems: nothing runs.
  std::vector<config::Problem> start();
  /// Serves until stopped. Returns the signal that the process is to end by; 0: none, it ends in order.
  int run();

  net::Loop& loop() { return loop_; }
  Log& log() { return log_; }

  // Control
  void reload(std::function<void(ReloadOutcome)> done) override;
  void stop() override;
  [[nodiscard]] stats::Snapshot snapshot() override;
  void clear_counters(bool all) override { statistics_.clear(*generation_, all); }
  [[nodiscard]] bool is_draining() const override { return state_ >= State::kDraining; }

  // WorkerReports, from any thread
  void on_generation_in_use(int worker, std::uint64_t number) override;
  void on_worker_drained(int worker) override;
  void on_server_suspect(const std::shared_ptr<backends::ServerState>& server, std::string reason) override;
  void on_server_outlier(const std::shared_ptr<backends::ServerState>& server, std::string reason) override;
  void on_page_wanted(int worker, std::uint64_t ticket, proxy::PageWish wish) override;

 private:
  enum class State : std::uint8_t { kStarting, kRunning, kDraining, kEnded };
  struct InUse {
    std::uint64_t number;
  };
  struct Drained {
    int worker;
  };
  struct Suspect {
    std::shared_ptr<backends::ServerState> server;
    std::string reason;
  };
  struct Outlier {
    std::shared_ptr<backends::ServerState> server;
    std::string reason;
  };
  struct PageWanted {
    int worker;
    std::uint64_t ticket;
    proxy::PageWish wish;
  };
  using Message = std::variant<InUse, Drained, Suspect, Outlier, PageWanted>;
  /// A generation that not every worker serves yet.
  struct Rollout {
    int waiting = 0;
    std::string text;
    std::function<void(ReloadOutcome)> done;
  };

  void on_message(Message message);
  void roll_out(Generation::Built built, BindTable::Plan plan, std::string text,
                std::function<void(ReloadOutcome)> done);
  void on_rolled_out(Rollout rollout);
  void refuse_reload(std::vector<config::Problem> problems, const std::function<void(ReloadOutcome)>& done);
  void log_problems(const std::vector<config::Problem>& problems);
  void watch_signals();
  void on_signal(int signal);
  void on_haproxy_signal(int signal);
  void on_tick();
  void on_drain_over();
  void report_refused_changes();
  [[nodiscard]] stats::ProcessFacts process_facts() const;
  void end();

  net::Loop loop_;
  Log log_;
  std::vector<config::Problem> load_warnings_;  // of the first configuration
  config::Configuration first_;                 // what start() begins with
  config::Door door_;
  ProcessOptions options_;
  Random random_;
  std::shared_ptr<tls::TicketKeys> ticket_keys_;
  BindTable binds_;
  health::Monitor monitor_;
  Statistics statistics_;
  net::Mailbox<Message> mailbox_;
  std::unique_ptr<net::SignalWatcher> signals_;
  std::shared_ptr<const Generation> generation_;
  HaproxyMessages messages_;
  LogThread logs_;                            // before the workers, who hand lines over to it to the last
  std::unique_ptr<ConnectionBudget> budget_;  // made by start(), before the workers
  std::vector<std::unique_ptr<Worker>> workers_;
  HealthNews health_news_{messages_, workers_};
  NameService names_{loop_, log_, monitor_, messages_};
  std::map<std::uint64_t, Rollout> rollouts_;
  net::Timer tick_;
  net::Timer drain_timer_;
  TimePoint started_;
  std::time_t started_at_;
  IdleMeter idle_;
  PagePress pages_{*this};
  TimePoint keys_rotated_, refusals_told_;
  std::uint64_t generation_number_ = 0;
  int reloads_ok_ = 0;
  int reloads_refused_ = 0;
  int drained_workers_ = 0;
  std::vector<std::string> warnings_;  // of the generation in use
  int ended_by_ = 0;                   // the signal that ended it at once; 0: none did
  State state_ = State::kStarting;
};

}  // namespace reseal::runtime
