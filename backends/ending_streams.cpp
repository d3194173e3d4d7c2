#include "backends/ending_streams.h"

#include <utility>

#include "backends/server.h"

namespace reseal::backends {

EndingStream::EndingStream(EndingStreams& owner, std::unique_ptr<net::ByteStream> stream,
                           ConnectionSlots slots, std::shared_ptr<const Server> server)
    : owner_(owner),
      server_(std::move(server)),
      slots_(std::move(slots)),
      stream_(std::move(stream)),
      delivered_(stream_->delivered()),
      timer_(net::Timer::bind<&EndingStream::look_at_progress>(this)) {
  stream_->set_events(*this);
  stream_->resume_reading();
  owner_.loop_.start_timer(timer_, server_->idle_timeout);
}

void EndingStream::on_drained() {
  if (stream_->unsent() == 0) owner_.remove(*this);
}

void EndingStream::on_failure(const Error&) {
  owner_.remove(*this);
}

void EndingStream::look_at_progress() {
  const std::uint64_t delivered = stream_->delivered();
  if (delivered == delivered_) {
    owner_.remove(*this);
    return;
  }
  delivered_ = delivered;
  owner_.loop_.start_timer(timer_, server_->idle_timeout);
}

void EndingStreams::take(std::unique_ptr<net::ByteStream> stream, ConnectionSlots slots,
                         std::shared_ptr<const Server> server) {
  // Belongs to the list from here on; remove() buries it.
  streams_.push_back(*new EndingStream(*this, std::move(stream), std::move(slots), std::move(server)));
}

void EndingStreams::remove(EndingStream& stream) {
  stream.unlink();
  stream.timer_.stop();
  stream.stream_->close();
  stream.slots_.release();
  loop_.bury(std::unique_ptr<Disposable>(&stream));
  if (is_empty()) owner_.on_streams_ended();
}

void EndingStreams::cut() {
  while (EndingStream* stream = streams_.front()) remove(*stream);
}

}  // namespace reseal::backends
