#include "lb/runtime/worker.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <cstring>
#include <utility>

namespace reseal::runtime {

struct Worker::Bound final : public Disposable, public net::ListenerEvents {
  Bound(Worker& owner, std::shared_ptr<proxy::FrontendSlot> frontend, net::Fd socket)
      : worker(owner), slot(std::move(frontend)), listener(owner.loop_, std::move(socket), *this) {}

  void on_connection(net::Fd fd, const net::Address& peer) override {
    if (slot->current == nullptr)
      return;  // the frontend is gone; only an undrained queue can still bring one
    proxy::ClientConnection::begin(worker.context_, slot, std::move(fd), peer);
    worker.check_connection_limit();
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
  net::Listener listener;
};

Worker::Worker(int index, std::size_t most_connections, WorkerReports& reports, Log& log, std::uint64_t seed)
    : random_(seed),
      reports_(reports),
      services_{loop_, log, reports, index},
      context_(loop_, log, index, random_, *this),
      most_connections_(most_connections),
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

void Worker::update_slots(const proxy::RoutingTable& table) {
  for (auto& [name, slot] : slots_) slot->current = nullptr;
  for (const auto& frontend : table.frontends) {
    auto& slot = slots_[frontend->name];
    if (slot == nullptr)
      slot = std::make_shared<proxy::FrontendSlot>(proxy::FrontendSlot{frontend->name, nullptr});
    slot->current = frontend;
  }
  // Connections of a frontend that was removed finish what they are doing.
  for (proxy::ClientConnection* connection = context_.connections.front(); connection != nullptr;) {
    proxy::ClientConnection* next = context_.connections.next(*connection);
    if (connection->is_orphaned()) connection->drain();
    connection = next;
  }
  std::erase_if(slots_, [](const auto& entry) { return entry.second->current == nullptr; });
}

void Worker::update_listeners(std::vector<ListenerPlan> plans) {
  std::map<std::string, std::unique_ptr<Bound>> next;
  for (ListenerPlan& plan : plans) {
    auto& slot = slots_[plan.frontend];
    if (plan.socket.is_open()) {
      next[plan.key] = std::make_unique<Bound>(*this, slot, std::move(plan.socket));
      if (accepting_paused_) next[plan.key]->listener.pause();
    } else if (auto old = listeners_.find(plan.key); old != listeners_.end()) {
      old->second->slot = slot;
      next[plan.key] = std::move(old->second);
      listeners_.erase(old);
    }
  }
  for (auto& [key, bound] : listeners_) {
    // What the kernel has queued on it is accepted first; it is served by the generation before, if its
    // frontend lives.
    bound->listener.drain_and_close();
    loop_.bury(std::move(bound));
  }
  listeners_ = std::move(next);
}

void Worker::begin_drain() {
  context_.draining = true;
  for (auto& [key, bound] : listeners_) {
    bound->listener.drain_and_close();
    loop_.bury(std::move(bound));
  }
  listeners_.clear();
  for (proxy::ClientConnection* connection = context_.connections.front(); connection != nullptr;) {
    proxy::ClientConnection* next = context_.connections.next(*connection);
    connection->drain();
    connection = next;
  }
  report_if_drained();
}

void Worker::end_now() {
  listeners_.clear();
  while (proxy::ClientConnection* connection = context_.connections.front()) connection->close();
  context_.generation.reset();
  loop_.stop();
}

void Worker::on_connection_closed() {
  check_connection_limit();
  if (context_.draining) report_if_drained();
}

void Worker::check_connection_limit() {
  const bool full = context_.connection_count >= most_connections_;
  if (full == accepting_paused_) return;
  // Resumes only with some room, so that the limit does not make the listeners flap.
  if (!full && context_.connection_count > most_connections_ - most_connections_ / 64) return;
  accepting_paused_ = full;
  if (full && context_.failure_lines.allow(loop_.now())) {
    context_.log.warn(
        fmt::format("accepting pauses: {} client connections on this worker, the most there may be "
                    "(max_connections, limit on open files); new ones wait in the kernel's queue",
                    context_.connection_count));
  }
  for (auto& [key, bound] : listeners_) {
    if (full) {
      bound->listener.pause();
    } else {
      bound->listener.resume();
    }
  }
}

void Worker::report_if_drained() {
  if (drain_reported_ || context_.connection_count != 0) return;
  drain_reported_ = true;
  reports_.on_worker_drained(context_.worker);
}

}  // namespace reseal::runtime
