// The bytes of one HTTP/2 stream, both ways, whichever side the session is: what waits for the peer's windows, what
// waits for the exchange, and the trailers of both. What the bytes mean is for H2Server's and H2Client's streams.
//
// Owner: the session's stream pool; freed only when no nghttp2 callback is on the stack. Single thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"
#include "lb/base/byte_queue.h"
#include "lb/base/byte_sink.h"
#include "lb/base/intrusive_list.h"
#include "lb/http/message.h"

namespace reseal::http {

class H2Session;
struct H2StreamTag;

/// Fields that outlive what they came from. Empty: no memory but the vector's.
class HeldFields {
 public:
  explicit HeldFields(BufferPool& pool) : arena(pool) {}
  void copy(std::span<const Field> from);
  void clear();

  Arena arena;
  std::vector<Field> fields;
};

class H2Stream : public ListNode<H2StreamTag> {
 public:
  H2Stream(H2Session& session, BufferPool& pool);
  H2Stream(const H2Stream&) = delete;
  H2Stream& operator=(const H2Stream&) = delete;

  [[nodiscard]] std::int32_t id() const { return id_; }

  // ---- for the session, which moves output into frames

  struct Offer {
    std::size_t bytes = 0;
    bool last = false;      ///< nothing follows these
    bool deferred = false;  ///< there is nothing yet; the stream asks to be resumed when there is
  };
  Offer offer(std::size_t most);
  /// Moves so many of the bytes offered.
  void move_output(std::size_t bytes, ByteQueue& to);
  /// To be sent behind the last byte.
  [[nodiscard]] std::span<const Field> output_trailers() const { return output_trailers_.fields; }
  /// nghttp2 knows the stream by this number from here on.
  void opened(std::int32_t id) { id_ = id; }
  void closed() { closed_ = true; }
  [[nodiscard]] bool is_closed() const { return closed_; }

 protected:
  ~H2Stream() = default;

  /// Sends as much as goes out now if that is worth it, keeps the rest. `last`: nothing follows, not even trailers.
  void write(std::string_view data, bool last);
  void end_output(std::span<const Field> trailers);
  void drop_output();
  [[nodiscard]] std::size_t queued() const { return output_.size(); }
  [[nodiscard]] bool output_backed_up() const;
  /// Whether is_backed_up() said yes and nobody has been told since; told once.
  [[nodiscard]] bool take_wants_drained();
  /// Bytes are held by the peer's windows, and none has moved since the last look.
  [[nodiscard]] bool look_stalled();

  /// Bytes of this stream that are of no more use to it: the windows open for as many.
  void consume(std::size_t bytes);
  /// Ready for another stream.
  void recycle();

  H2Session& session_;
  ByteQueue input_;  // received and held back
  HeldFields input_trailers_;
  bool input_ended_ = false;  // END_STREAM was received

 private:
  std::int32_t id_ = 0;
  ByteQueue output_;
  std::string_view direct_;  // bytes of write() on their way, not yet in output_
  HeldFields output_trailers_;
  std::uint64_t moved_ = 0;
  std::uint64_t looked_at_ = 0;
  bool looked_ = false;
  bool output_ended_ = false;
  bool deferred_ = false;
  bool closed_ = false;  // for nghttp2
  mutable bool wants_drained_ = false;
};

}  // namespace reseal::http
