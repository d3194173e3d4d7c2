// The server side of HTTP/2 (RFC 9113): many requests at a time on one connection. Sans I/O.
//
//   kOpen ──GOAWAY received──► kClosing (no further request; those under way go on)
//   any ──error, flood, server's end, connection lost──► kBroken (all requests told)
//
// What a connection can hold, at most: kMostRequests at a time (fewer if the server says so; 100 before it has said);
// a header list of 64 KiB, decoded; 64 KiB of a response that is held back, and as much for every other one at the same
// time, so that no client that reads slowly holds up the others on the connection; 64 KiB and one write of a request's
// body; floods as in h2_flood_guard.h. Server push is disabled, a PUSH_PROMISE ends the connection.
//
// Owner: a server connection. Single thread.
#pragma once

#include <memory>
#include <vector>

#include "lb/http/client_session.h"
#include "lb/http/h2_client_stream.h"
#include "lb/http/h2_session.h"

namespace reseal::http {

class H2Client final : public ClientSession, private H2SessionEvents {
 public:
  static constexpr std::uint32_t kMostRequests = 128;

  /// All references are borrowed and outlive the session; `now` is the loop's cached time. `scheme` is static: "https"
  /// or "http". Asks for output (preface and SETTINGS) before it returns.
  H2Client(ByteSink& out, ClientSessionEvents& owner, BufferPool& pool, std::string_view scheme,
           const TimePoint& now);
  ~H2Client() override;

  [[nodiscard]] std::uint32_t free_requests() const override;
  [[nodiscard]] bool can_upgrade() const override;
  RequestWriter& open_request() override;
  bool close_request(RequestWriter& writer) override;

  void feed(std::string_view bytes) override;
  void on_input_end() override;
  void on_connection_lost(const Error& error) override;
  void on_drained() override;
  void write_output() override;
  [[nodiscard]] bool wants_pause() const override;

 private:
  // H2SessionEvents
  H2Stream& on_stream_opened() override;
  void on_fields(H2Stream& stream, bool end_stream) override;
  void on_stream_data(H2Stream& stream, std::string_view data) override;
  void on_stream_end(H2Stream& stream) override;
  void on_end_stream_sent(H2Stream&) override {}
  void on_stream_closed(H2Stream& stream, std::uint32_t error) override;
  void on_peer_changed() override { capacity_changed_ = true; }
  void on_ping_answered() override {}
  void settle() override;

  template <class Use>
  void for_each_stream(Use use);
  void tell_drained();
  void break_off(const Error& error);
  void reap();

  ClientSessionEvents& owner_;
  BufferPool& pool_;
  const std::string_view scheme_;
  H2Session session_;
  IntrusiveList<H2ClientStream, H2StreamTag> streams_;
  std::vector<std::unique_ptr<H2ClientStream>> objects_;  // all there are, in use or not
  std::vector<H2ClientStream*> free_;
  std::uint32_t in_use_ = 0;
  bool broken_ = false;
  bool output_pending_ = false;
  bool capacity_changed_ = false;
  bool reap_needed_ = false;
};

}  // namespace reseal::http
