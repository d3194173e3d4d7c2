#include "lb/runtime/worker.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

#include "lb/proxy/withdrawal.h"

namespace reseal::runtime {

namespace {

constexpr Duration kLimitRecheck{50};

}  // namespace

struct Worker::Bound final : public Disposable, public net::ListenerEvents {
  Bound(Worker& owner, net::Fd socket) : worker(owner), listener(owner.loop_, std::move(socket), *this) {}

  void on_connection(net::Fd fd, const net::Address& peer) override {
    if (slot->current == nullptr)
      return;  // the frontend is gone; only an undrained queue can still bring one
    if (!is_closing && is_full()) {
      // Another worker took the last place: it waits here as it would have in the kernel's queue.
      held.emplace_back(std::move(fd), peer);
      worker.apply_limits();
      return;
    }
    take(std::move(fd), peer);
  }
  void take(net::Fd fd, const net::Address& peer) {
    worker.budget_.add();
    slot->current->gate->note(worker.loop_.now());
    // A client of a unix socket has no address.
    const bool is_unix = peer.family() == AF_UNSPEC;
    const net::Address client = is_unix ? net::Address::of_unix_client(settings->number) : peer;
    proxy::ClientConnection::begin(worker.context_, slot, settings, std::move(fd), client);
    worker.check_connection_limit();
  }
  void take_held() {
    auto [fd, peer] = std::move(held.front());
    held.pop_front();
    take(std::move(fd), peer);
  }
  /// The frontend has as many clients as it may have.
  [[nodiscard]] bool is_full() const {
    const proxy::Frontend* const frontend = slot->current.get();
    return frontend != nullptr && frontend->gate->is_limited() &&
           !frontend->gate->has_room(frontend->counters->open_connections(), worker.loop_.now());
  }
  void on_accept_paused(int error) override {
    if (!worker.context_.failure_lines.allow(worker.loop_.now())) return;
    worker.context_.log.warn(
        fmt::format("frontend {}: accepting pauses: {}; connections wait in the kernel's queue; "
                    "raise the limit on open files (ulimit -n) or lower max_connections",
                    slot->name, std::strerror(error)));
  }

  Worker& worker;
  std::shared_ptr<proxy::FrontendSlot> slot;
  std::shared_ptr<const proxy::BindSettings> settings;  // of the bind; never null once it is among listeners_
  net::Listener listener;
  std::deque<std::pair<net::Fd, net::Address>> held;  // accepted, and not served before there is room
  bool paused = false;
  bool is_closing = false;
};

Worker::Worker(int index, ConnectionBudget& budget, WorkerReports& reports, Log& log, std::uint64_t seed)
    : random_(seed),
      reports_(reports),
      services_{loop_, log, reports, ending_, index},
      context_(loop_, log, index, random_, *this, budget.open(), reports),
      budget_(budget),
      limit_timer_(net::Timer::bind<&Worker::check_connection_limit>(this)),
      mailbox_(loop_, [this](WorkerMessage message) { on_message(std::move(message)); }) {}

Worker::~Worker() = default;

void Worker::start() {
  thread_ = std::thread([this] {
    // Signals are for the control thread.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    loop_.run();
  });
  const std::string name = fmt::format("worker-{}", context_.worker);
  pthread_setname_np(thread_.native_handle(), name.c_str());
}

void Worker::stop_and_join() {
  if (!thread_.joinable()) return;
  post(EndNow{});
  thread_.join();
}

void Worker::on_message(WorkerMessage message) {
  if (auto* generation = std::get_if<UseGeneration>(&message)) {
    use(std::move(*generation));
  } else if (std::holds_alternative<BeginDrain>(message)) {
    begin_drain();
  } else if (auto* made = std::get_if<PageMade>(&message)) {
    context_.pages.deliver(made->ticket, std::move(made->page));
  } else if (const auto* end = std::get_if<EndSessions>(&message)) {
    proxy::withdraw_from(context_, *end->server, end->cause);
  } else {
    end_now();
  }
}

void Worker::use(UseGeneration message) {
  proxy::LocalGeneration* previous = context_.generation.is_set() ? &*context_.generation : nullptr;
  proxy::GenerationPin next = proxy::LocalGeneration::create(message.table, services_, random_, previous);
  if (previous != nullptr) previous->retire(*next);
  context_.generation = std::move(next);
  update_slots(*message.table);
  update_listeners(std::move(message.listeners));
  reports_.on_generation_in_use(context_.worker, message.number);
}

template <class Which>
void Worker::drain_connections(Which which) {
  for (proxy::ClientConnection* connection = context_.connections.front(); connection != nullptr;) {
    proxy::ClientConnection* next = context_.connections.next(*connection);  // draining may unlink it
    if (which(*connection)) connection->drain();
    connection = next;
  }
}

void Worker::update_slots(const proxy::RoutingTable& table) {
  for (auto& [name, slot] : slots_) slot->current = nullptr;
  for (const auto& frontend : table.frontends) {
    auto& slot = slots_[frontend->name];
    if (slot == nullptr)
      slot = std::make_shared<proxy::FrontendSlot>(proxy::FrontendSlot{frontend->name, nullptr});
    slot->current = frontend;
  }
  // Connections of a frontend that was removed finish what they are doing.
  drain_connections([](const proxy::ClientConnection& connection) { return connection.is_orphaned(); });
  std::erase_if(slots_, [](const auto& entry) { return entry.second->current == nullptr; });
}

void Worker::update_listeners(std::vector<ListenerPlan> plans) {
  auto old = std::exchange(listeners_, {});
  for (ListenerPlan& plan : plans) {
    std::unique_ptr<Bound> bound;
    if (plan.socket.is_open()) {
      bound = std::make_unique<Bound>(*this, std::move(plan.socket));
    } else if (auto known = old.find(plan.key); known != old.end()) {
      bound = std::move(known->second);
      old.erase(known);
    } else {
      continue;
    }
    bound->slot = slots_[plan.frontend];
    bound->settings = bound->slot->current->binds[plan.bind];
    listeners_[plan.key] = std::move(bound);
  }
  close_listeners(std::move(old));
  limits_frontends_ = std::ranges::any_of(
      slots_, [](const auto& entry) { return entry.second->current->gate->is_limited(); });
  apply_limits();
}

void Worker::close_listeners(std::map<std::string, std::unique_ptr<Bound>> listeners) {
  // Accepting what the kernel has queued may reach the connection limit, which looks at listeners_: these are
  // not among them any more.
  for (auto& [key, bound] : listeners) {
    bound->is_closing = true;
    while (!bound->held.empty() && bound->slot->current != nullptr) bound->take_held();
    bound->listener.drain_and_close();
    loop_.bury(std::move(bound));
  }
}

void Worker::begin_drain() {
  context_.draining = true;
  close_listeners(std::exchange(listeners_, {}));
  drain_connections([](const proxy::ClientConnection&) { return true; });
  report_if_drained();
}

void Worker::end_now() {
  listeners_.clear();
  while (proxy::ClientConnection* connection = context_.connections.front())
    connection->close(Code::kStopped);
  ending_.cut();
  context_.access_logs.hand_over();
  context_.generation.reset();
  loop_.stop();
}

void Worker::on_connection_closed() {
  budget_.remove();
  check_connection_limit();
  if (context_.draining) report_if_drained();
}

void Worker::on_streams_ended() {
  if (context_.draining) report_if_drained();
}

void Worker::check_connection_limit() {
  if (accepting_paused_ ? !budget_.has_room() : !budget_.is_full()) {
    if (accepting_paused_) loop_.start_timer(limit_timer_, kLimitRecheck);
    if (limits_frontends_) apply_limits();
    return;
  }
  accepting_paused_ = !accepting_paused_;
  if (accepting_paused_) {
    loop_.start_timer(limit_timer_, kLimitRecheck);
    if (context_.failure_lines.allow(loop_.now())) {
      context_.log.warn(
          fmt::format("accepting pauses: {} client connections, the most there may be "
                      "(max_connections, limit on open files); new ones wait in the kernel's queue",
                      budget_.most()));
    }
  }
  apply_limits();
}

void Worker::apply_limits() {
  for (auto& [key, bound] : listeners_) {
    while (!bound->held.empty() && bound->slot->current != nullptr && !bound->is_full()) bound->take_held();
    const bool is_full = bound->is_full();
    // Another worker may make room, and the next second does.
    if (is_full) loop_.start_timer(limit_timer_, kLimitRecheck);
    if (const bool pauses = accepting_paused_ || is_full; pauses == std::exchange(bound->paused, pauses)) {
      continue;
    }
    if (bound->paused) {
      bound->listener.pause();
    } else {
      bound->listener.resume();
    }
  }
}

void Worker::report_if_drained() {
  if (drain_reported_ || context_.connection_count != 0 || !ending_.is_empty()) return;
  drain_reported_ = true;
  reports_.on_worker_drained(context_.worker);
}

}  // namespace reseal::runtime
