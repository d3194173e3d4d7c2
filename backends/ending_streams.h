// Server connections that nobody uses any more, with bytes still to be sent: what a tunnel's client had sent last, for a
// server that is slow to take it. They outlive the pool that they come from, which a reload may retire meanwhile; a
// drain waits for them. Each is ended in order once it is empty, and cut when the server takes nothing for too long.
//
// Owner: the worker. Single thread.
#pragma once

#include <memory>

#include "backends/connection_slots.h"
#include "lb/base/disposable.h"
#include "lb/base/intrusive_list.h"
#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"

namespace reseal::backends {

struct Server;
struct EndingTag;
class EndingStreams;

class EndingStreamsOwner {
 public:
  /// None is left.
  virtual void on_streams_ended() = 0;

 protected:
  ~EndingStreamsOwner() = default;
};

/// One of them. Its sending side was ended; what comes from the server is dropped.
class EndingStream final : public Disposable, public net::StreamEvents, public ListNode<EndingTag> {
 public:
  /// `server` keeps what the stream borrows of it.
  EndingStream(EndingStreams& owner, std::unique_ptr<net::ByteStream> stream, ConnectionSlots slots,
               std::shared_ptr<const Server> server);

 private:
  friend class EndingStreams;
  void on_open() override {}
  void on_data(std::string_view) override {}
  void on_end() override {}
  void on_drained() override;
  void on_failure(const Error& error) override;
  void look_at_progress();

  EndingStreams& owner_;
  std::shared_ptr<const Server> server_;
  ConnectionSlots slots_;
  std::unique_ptr<net::ByteStream> stream_;
  std::uint64_t delivered_ = 0;  // when it was last looked at
  net::Timer timer_;
};

class EndingStreams {
 public:
  /// Both are borrowed and outlive it.
  EndingStreams(net::Loop& loop, EndingStreamsOwner& owner) : loop_(loop), owner_(owner) {}
  ~EndingStreams() { cut(); }
  EndingStreams(const EndingStreams&) = delete;
  EndingStreams& operator=(const EndingStreams&) = delete;

  /// `stream` with something unsent and its sending side ended.
  void take(std::unique_ptr<net::ByteStream> stream, ConnectionSlots slots,
            std::shared_ptr<const Server> server);
  [[nodiscard]] bool is_empty() const { return streams_.front() == nullptr; }
  /// Drops all of them.
  void cut();

 private:
  friend class EndingStream;
  void remove(EndingStream& stream);

  net::Loop& loop_;
  EndingStreamsOwner& owner_;
  IntrusiveList<EndingStream, EndingTag> streams_;
};

}  // namespace reseal::backends
