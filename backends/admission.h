// One request's way to a server of its backend: which one, the claims on what limits there are, and its place in the
// queue while every server is at its limit.
//
//   (empty) ──ask──► admitted ──release──► (empty)
//              └───► waiting ──room, or no server left: on_admission──► admitted / (empty)
//                       └──release──► (empty)
//
// Where nothing is limited it costs what choosing a server costs. Owner: the exchange. Single thread.
#pragma once

#include <cstdint>
#include <optional>

#include "backends/lease.h"
#include "backends/limit.h"
#include "backends/wait_queue.h"

namespace reseal::backends {

class LocalBackend;
class TriedServers;

/// What a request asks for.
struct AdmissionWish {
  std::optional<std::uint64_t> key;        ///< for the hash methods
  std::optional<std::uint32_t> preferred;  ///< the server that the client was with (persistence)
  const TriedServers* tried = nullptr;     ///< never null once it is asked
  ConnectionNeeds needs;
  bool again = false;  ///< it was admitted before, and nothing came of it: it waits at the front
  /// Where all that were not tried are full: whether one that was tried may be asked, or they are waited for.
  bool takes_tried = false;
  std::optional<std::uint32_t>
      forced{};  ///< this one and no other, up or down, tried or not; it is waited for
  Priority priority{};
};

class AdmissionEvents {
 public:
  virtual void on_admission() = 0;

 protected:
  ~AdmissionEvents() = default;
};

class Admission final : public Waiter {
 public:
  enum class Outcome : std::uint8_t { kAdmitted, kWaiting, kQueueFull, kNoServerUp };

  explicit Admission(AdmissionEvents& events) : events_(events) {}
  ~Admission() { release(); }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// Empty before. What `wish` refers to is borrowed until the outcome is another than kWaiting, `backend` until
  /// release(). With kWaiting,
  /// on_admission follows and outcome() tells: kAdmitted or kNoServerUp. With kAdmitted, acquire() of the server's pool
  /// follows at once, with the same needs.
  Outcome ask(LocalBackend& backend, const AdmissionWish& wish);
  [[nodiscard]] Outcome outcome() const { return outcome_; }
  /// Its index in the backend. With kAdmitted.
  [[nodiscard]] std::uint32_t server() const { return server_; }
  /// Gives back what it holds: a place in the queue, or the claims, after the connection was given back. Idempotent.
  void release();

 private:
  void on_turn() override;
  void attempt();
  void get_in_line();

  AdmissionEvents& events_;
  LocalBackend* backend_ = nullptr;
  AdmissionWish wish_;
  Slot backend_slot_;
  Slot server_slot_;
  std::uint32_t server_ = 0;
  Outcome outcome_ = Outcome::kNoServerUp;
};

}  // namespace reseal::backends
