#include "bench/paced_load.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>

namespace reseal::bench {
namespace {

constexpr std::size_t kOpeners = 4;  // threads: while one computes, another waits for its answer
constexpr auto kPatience = std::chrono::seconds(10);  // for the last answers

timespec timespec_of(std::chrono::nanoseconds span) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(span);
  return {seconds.count(), (span - seconds).count()};
}

}  // namespace

PacedLoad::PacedLoad(ssl_ctx_st& context, const Target& target)
    : context_(context), target_(target), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // the default, 50 µs, is more than a request's turn
}

PacedLoad::~PacedLoad() {
  ::close(epoll_);
}

bool PacedLoad::open(int count) {
  connections_.resize(static_cast<std::size_t>(count));
  std::vector<std::thread> openers;
  for (std::size_t first = 0; first < kOpeners; ++first) {
    openers.emplace_back([this, first] {
      for (std::size_t i = first; i < connections_.size(); i += kOpeners) {
        auto client = std::make_unique<TlsClient>(context_, target_, TlsClient::Resumption::kNever);
        if (const auto failed = client->request(); failed || !client->is_connected()) {
          std::fprintf(stderr, "connection %zu: %s\n", i,
                       failed ? failed->data() : "closed after the answer");
          return;
        }
        connections_[i].client = std::move(client);
      }
    });
  }
  for (std::thread& opener : openers) opener.join();
  for (Connection& connection : connections_) {
    if (connection.client == nullptr) return false;
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.client->socket(), &event);
    idle_.push_back(&connection);
  }
  return true;
}

void PacedLoad::drop(Connection& connection, std::string_view why, Totals& totals) {
  ++totals.failures[std::string(why)];
  connection.client->close();
  std::erase(idle_, &connection);
}

void PacedLoad::send_due(Connection& connection, Totals& totals) {
  ++totals.sent;
  if (const auto failed = connection.client->send()) return drop(connection, *failed, totals);
  connection.is_asked = true;
  ++in_flight_;
}

void PacedLoad::on_readable(Connection& connection, Totals& totals) {
  if (!connection.is_asked) return drop(connection, "closed while idle", totals);
  connection.is_asked = false;
  --in_flight_;
  const auto failed = connection.client->receive();
  if (failed || !connection.client->is_connected()) {
    return drop(connection, failed.value_or("closed after the answer"), totals);
  }
  ++totals.ok;
  const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - connection.due);
  totals.latencies.push_back(static_cast<std::uint32_t>(std::max<long>(0, latency.count())));
  idle_.push_back(&connection);
}

Totals PacedLoad::run(double rate, double seconds) {
  Totals totals;
  const auto start = Clock::now();
  const auto count = static_cast<long>(rate * seconds);
  const auto due = [&](long number) {
    return start + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(static_cast<double>(number) / rate));
  };
  const auto give_up = due(count) + kPatience;
  std::array<epoll_event, 256> events;
  for (long next = 0; next < count || in_flight_ > 0;) {
    while (next < count && !idle_.empty() && due(next) <= Clock::now()) {
      Connection& connection = *idle_.front();
      idle_.pop_front();
      connection.due = due(next++);
      send_due(connection, totals);
    }
    const auto now = Clock::now();
    if (now >= give_up) break;
    const auto until = next < count && !idle_.empty() ? due(next) : give_up;
    const timespec timeout = timespec_of(std::max<std::chrono::nanoseconds>(until - now, {}));
    const int ready =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < ready; ++i) {
      on_readable(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr), totals);
    }
    if (idle_.empty() && in_flight_ == 0) break;
  }
  // What was due and never sent, or sent and never answered, failed.
  totals.sent = std::max(totals.sent, count);
  if (in_flight_ > 0) totals.failures["no answer in time"] += in_flight_;
  return sum({totals});
}

}  // namespace reseal::bench
