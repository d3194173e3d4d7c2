// What an HTTP/2 session tells the end that owns it, whichever side that is on. Single thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace reseal::http {

class H2Stream;

/// Implemented by H2Server and H2Client. All but settle() come from within nghttp2: streams are not to be freed there.
class H2SessionEvents {
 public:
  /// The peer opens a stream: an object for it.
  virtual H2Stream& on_stream_opened() = 0;
  /// block() is complete.
  virtual void on_fields(H2Stream& stream, bool end_stream) = 0;
  virtual void on_stream_data(H2Stream& stream, std::string_view data) = 0;
  /// END_STREAM on DATA.
  virtual void on_stream_end(H2Stream& stream) = 0;
  virtual void on_end_stream_sent(H2Stream& stream) = 0;
  /// nghttp2 has forgotten the stream. `error`: what the reset said, 0 if it ended in order.
  virtual void on_stream_closed(H2Stream& stream, std::uint32_t error) = 0;
  /// SETTINGS, or GOAWAY, have come.
  virtual void on_peer_changed() = 0;
  virtual void on_ping_answered() = 0;
  /// Nothing of the session is on the stack any more: free what is done with, ask for output, notice the end.
  virtual void settle() = 0;

 protected:
  ~H2SessionEvents() = default;
};

}  // namespace reseal::http
