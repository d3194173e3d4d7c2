#include "lb/runtime/process.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <sstream>

#include "lb/base/host_name.h"
#include "lb/base/text.h"
#include "lb/haproxy/condition.h"
#include "lb/runtime/changes.h"
#include "lb/runtime/descriptor_limit.h"
#include "lb/runtime/version.h"

namespace reseal::runtime {
namespace {

constexpr Duration kTick{1000};
constexpr auto kRefusalsTold = std::chrono::minutes(1);
constexpr auto kTicketKeyLife = std::chrono::hours(1);

/// CPUs this process may use (its affinity mask, so that taskset and containers are respected).
int usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace

Process::Process(config::Configuration configuration, std::vector<config::Problem> warnings,
                 config::Door door, ProcessOptions options)
    : log_(configuration.log_level),
      load_warnings_(std::move(warnings)),
      first_(std::move(configuration)),
      door_(std::move(door)),
      options_(std::move(options)),
      random_(random_seed()),
      ticket_keys_(std::make_shared<tls::TicketKeys>()),
      monitor_(loop_, log_, random_),
      mailbox_(loop_, [this](Message message) { on_message(std::move(message)); }),
      logs_(log_),
      tick_(net::Timer::bind<&Process::on_tick>(this)),
      drain_timer_(net::Timer::bind<&Process::on_drain_over>(this)),
      started_(loop_.now()),
      started_at_(std::time(nullptr)),
      keys_rotated_(started_) {}

Process::~Process() {
  for (auto& worker : workers_) worker->stop_and_join();
}

std::vector<config::Problem> Process::start() {
  std::signal(SIGPIPE, SIG_IGN);
  const std::size_t descriptors = raise_descriptor_limit();
  const int count = first_.workers > 0 ? first_.workers : usable_cpus();
  auto built = Generation::build(first_, count, ticket_keys_, nullptr, &logs_);
  built.problems.insert(built.problems.begin(), load_warnings_.begin(), load_warnings_.end());
  if (built.generation == nullptr) return built.problems;
  auto plan = binds_.plan(first_, count, options_.joins_others);
  built.problems.insert(built.problems.end(), plan.problems.begin(), plan.problems.end());
  if (config::has_error(built.problems)) return built.problems;
  if (const auto prepared = options_.on_bound(); !prepared) {
    built.problems.push_back(
        {config::Severity::kError, first_.file, first_.process.place, prepared.error(), {}});
    return built.problems;
  }

  const std::size_t room = connections_for(descriptors, count);
  const auto wanted = first_.max_connections > 0 ? static_cast<std::size_t>(first_.max_connections) : room;
  // Descriptors must be left for server connections: a client that is accepted and cannot be served is worse
  // off than one that waits in the kernel's queue.
  const std::size_t most = std::min(wanted, room);
  if (wanted > room) {
    built.problems.push_back(
        {config::Severity::kWarning,
         first_.file,
         {},
         fmt::format("max_connections is {}, but the limit on open files ({}) has room for {} only; "
                     "raise it (ulimit -n, LimitNOFILE=)",
                     wanted, descriptors, room),
         {}});
  }
  log_problems(built.problems);
  budget_ = std::make_unique<ConnectionBudget>(most);
  for (int i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(i, *budget_, *this, log_, random_.next()));
    workers_.back()->start();
  }
  watch_signals();
  loop_.start_timer(tick_, kTick);
  std::vector<config::Problem> problems = built.problems;
  roll_out(std::move(built), std::move(plan), "started", [this](const ReloadOutcome&) {
    state_ = State::kRunning;
    log_.info(fmt::format("ready: reseal {} serves {} with {}", kVersion, first_.file,
                          counted(workers_.size(), "worker")));
    options_.on_ready();
  });
  return problems;
}

int Process::run() {
  loop_.run();
  // From here on nobody watches them, and a second wish to end must not make a failure of the end in order.
  sigset_t unwatched;
  sigemptyset(&unwatched);
  for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&unwatched, signal);
  pthread_sigmask(SIG_BLOCK, &unwatched, nullptr);
  return ended_by_;
}

// ---- generations

void Process::roll_out(Generation::Built built, BindTable::Plan plan, std::string text,
                       std::function<void(ReloadOutcome)> done) {
  built.generation->stick_tables().apply_ageing();
  generation_ = std::move(built.generation);
  warnings_.clear();
  for (const config::Problem& problem : built.problems) warnings_.push_back(problem.message);
  binds_.commit(plan);
  for (const std::string& opened : plan.opened) log_.info("listening: " + opened);
  // The first second of a new entity counts in its rates too.
  statistics_.sample(*generation_, loop_.now());
  const std::uint64_t number = ++generation_number_;
  rollouts_[number] = {static_cast<int>(workers_.size()), std::move(text), std::move(done)};
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->post(UseGeneration{number, generation_->routing(), std::move(plan.per_worker[i])});
  }
  messages_.use(generation_);
  monitor_.set_listener(&health_news_);
  monitor_.apply(generation_->monitored());
  names_.use(*generation_);
}

void Process::reload(std::function<void(ReloadOutcome)> done) {
  if (is_draining()) {
    done({false, "reseal is stopping; a new configuration is not taken any more\n"});
    return;
  }
  config::LoadResult loaded = door_.load();
  if (!loaded.configuration) {
    refuse_reload(std::move(loaded.problems), done);
    return;
  }
  const auto count = static_cast<int>(workers_.size());
  auto built = Generation::build(*loaded.configuration, count, ticket_keys_, generation_.get(), &logs_);
  built.problems.insert(built.problems.begin(), loaded.problems.begin(), loaded.problems.end());
  if (built.generation == nullptr) {
    refuse_reload(std::move(built.problems), done);
    return;
  }
  auto plan = binds_.plan(*loaded.configuration, count, false);
  if (!plan.problems.empty()) {
    refuse_reload(std::move(plan.problems), done);
    return;
  }
  log_problems(built.problems);
  log_.set_level(loaded.configuration->log_level);
  std::string text = describe_changes(generation_->configuration(), *loaded.configuration);
  roll_out(std::move(built), std::move(plan), std::move(text), std::move(done));
}

void Process::refuse_reload(std::vector<config::Problem> problems,
                            const std::function<void(ReloadOutcome)>& done) {
  ++reloads_refused_;
  door_.show_lines(problems);
  std::string text = "reload refused; the running configuration stays as it was\n";
  for (const config::Problem& problem : problems) text += config::render(problem);
  log_.error(fmt::format("reload of {} refused ({}); the running configuration stays as it was", first_.file,
                         counted(problems.size(), "problem")));
  log_problems(problems);
  done({false, std::move(text)});
}

void Process::log_problems(const std::vector<config::Problem>& problems) {
  for (const config::Problem& problem : problems) {
    const std::string text =
        fmt::format("{}:{}:{}: {}", problem.file, problem.place.line, problem.place.column, problem.message);
    switch (problem.severity) {
      case config::Severity::kError:
        log_.error(text);
        break;
      case config::Severity::kWarning:
        log_.warn(text);
        break;
      case config::Severity::kNotice:
        log_.info(text);
        break;
    }
  }
}

void Process::on_message(Message message) {
  if (const auto* in_use = std::get_if<InUse>(&message)) {
    const auto found = rollouts_.find(in_use->number);
    if (found == rollouts_.end() || --found->second.waiting > 0) return;
    Rollout rollout = std::move(found->second);
    rollouts_.erase(found);
    on_rolled_out(std::move(rollout));
  } else if (std::holds_alternative<Drained>(message)) {
    if (++drained_workers_ >= static_cast<int>(workers_.size())) end();
  } else if (auto* suspect = std::get_if<Suspect>(&message)) {
    monitor_.on_server_suspect(*suspect->server, suspect->reason);
  } else if (auto* outlier = std::get_if<Outlier>(&message)) {
    monitor_.on_server_outlier(*outlier->server, outlier->reason);
  } else if (auto* wanted = std::get_if<PageWanted>(&message)) {
    auto& worker = *workers_[static_cast<std::size_t>(wanted->worker)];
    worker.post(PageMade{wanted->ticket, pages_.print(wanted->wish)});
  }
}

void Process::on_rolled_out(Rollout rollout) {
  if (state_ == State::kRunning) {
    ++reloads_ok_;
    std::istringstream changes(rollout.text);
    for (std::string line; std::getline(changes, line);) log_.info("reloaded: " + line);
  }
  rollout.done({true, rollout.text + "\n"});
}

// ---- reports of workers, on their threads

void Process::on_generation_in_use(int, std::uint64_t number) {
  mailbox_.post(InUse{number});
}
void Process::on_worker_drained(int worker) {
  mailbox_.post(Drained{worker});
}
void Process::on_server_suspect(const std::shared_ptr<backends::ServerState>& server, std::string reason) {
  mailbox_.post(Suspect{server, std::move(reason)});
}

void Process::on_server_outlier(const std::shared_ptr<backends::ServerState>& server, std::string reason) {
  mailbox_.post(Outlier{server, std::move(reason)});
}

void Process::on_page_wanted(int worker, std::uint64_t ticket, proxy::PageWish wish) {
  mailbox_.post(PageWanted{worker, ticket, std::move(wish)});
}

// ---- life

void Process::watch_signals() {
  if (options_.signals == Signals::kReseal) {
    signals_ = std::make_unique<net::SignalWatcher>(
        loop_, std::initializer_list<int>{SIGHUP, SIGUSR1, SIGTERM, SIGINT},
        [this](int signal) { on_signal(signal); });
    return;
  }
  // HAProxy's: to pause and to go on, which nobody needs who shares ports. Their defaults would stop the process.
  for (const int signal : {SIGTTOU, SIGTTIN, SIGQUIT}) std::signal(signal, SIG_IGN);
  // Who started it in the background of a shell without job control does not want it to end by the terminal's Ctrl-C.
  struct sigaction interrupt{};
  ::sigaction(SIGINT, nullptr, &interrupt);
  const int last = interrupt.sa_handler == SIG_IGN ? SIGTERM : SIGINT;
  signals_ = std::make_unique<net::SignalWatcher>(
      loop_, std::initializer_list<int>{SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, last},
      [this](int signal) { on_haproxy_signal(signal); });
}

void Process::on_haproxy_signal(int signal) {
  if (signal == SIGUSR1) {
    stop();
  } else if (signal == SIGTERM || signal == SIGINT) {
    ended_by_ = signal;
    end();
  } else {
    on_signal(SIGHUP);
  }
}

void Process::on_signal(int signal) {
  if (signal == SIGHUP) {
    log_.info("SIGHUP: reloading");
    reload([](const ReloadOutcome&) {});  // the outcome is logged
    return;
  }
  if (signal == SIGUSR1) {
    logs_.reopen();
    return;
  }
  if (is_draining()) {
    log_.warn("second signal: ending now; requests in flight are cut off");
    end();
    return;
  }
  stop();
}

void Process::stop() {
  if (is_draining()) return;
  state_ = State::kDraining;
  const Duration limit = generation_->configuration().drain;
  log_.info(fmt::format("stopping: no new connections; what is in flight may take up to {} s",
                        std::chrono::duration<double>(limit).count()));
  loop_.start_timer(drain_timer_, limit);
  for (auto& worker : workers_) worker->post(BeginDrain{});
  messages_.tell_stopped();
}

void Process::on_drain_over() {
  log_.warn("the drain limit is over; requests still in flight are cut off");
  end();
}

void Process::end() {
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  log_.info("stopped");
  loop_.stop();
}

void Process::on_tick() {
  statistics_.sample(*generation_, loop_.now());
  idle_.sample(static_cast<int>(workers_.size()));
  logs_.close_unused();
  report_refused_changes();
  if (loop_.now() - keys_rotated_ >= kTicketKeyLife) {
    keys_rotated_ = loop_.now();
    ticket_keys_->rotate();
  }
  loop_.start_timer(tick_, kTick);
}

/// A list of bans that takes no more lets those pass that it should stop.
void Process::report_refused_changes() {
  if (generation_ == nullptr || loop_.now() - refusals_told_ < kRefusalsTold) return;
  for (const auto& [path, file] : generation_->pattern_files().all()) {
    const std::uint64_t count = file->take_refused();
    if (count == 0) continue;
    refusals_told_ = loop_.now();
    log_.warn(fmt::format("{}: rules changed it {} in vain: it is full, or what they put in is no pattern",
                          path, counted(count, "time")));
  }
}

stats::ProcessFacts Process::process_facts() const {
  const config::Configuration& configuration = generation_->configuration();
  stats::ProcessFacts facts;
  facts.pid = ::getpid();
  facts.node = configuration.node;
  if (facts.node.empty()) {
    const std::string host = host_name();
    facts.node = host.empty() ? "localhost" : host;
  }
  facts.description = configuration.description;
  facts.haproxy_version = std::string(haproxy::kSpokenVersion) + "-reseal-" + kVersion;
  facts.built = RESEAL_BUILT;
  facts.started = started_at_;
  facts.connections = budget_->open().load(std::memory_order_relaxed);
  facts.most_connections = budget_->most();
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) facts.descriptors = files.rlim_cur;
  for (const config::Frontend& frontend : configuration.frontends) facts.listeners += frontend.binds.size();
  facts.listeners += configuration.runtime_api.sockets.size();
  facts.idle_percent = idle_.percent();
  facts.is_stopping = is_draining();
  return facts;
}

stats::Snapshot Process::snapshot() {
  stats::Snapshot snapshot;
  snapshot.version = kVersion;
  snapshot.uptime_seconds = std::chrono::duration<double>(loop_.now() - started_).count();
  snapshot.workers = static_cast<int>(workers_.size());
  snapshot.generation = generation_number_;
  snapshot.reloads_ok = reloads_ok_;
  snapshot.reloads_refused = reloads_refused_;
  snapshot.warnings = warnings_;
  snapshot.access_logs = logs_.snapshot();
  snapshot.taken = loop_.now();
  snapshot.process = process_facts();
  snapshot.stick_tables = generation_->stick_tables().snapshot(loop_.now());
  snapshot.entities = statistics_.entities(*generation_, monitor_, loop_.now());
  return snapshot;
}

}  // namespace reseal::runtime
