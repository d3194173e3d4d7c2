#include "lb/http/h2_stream.h"

#include <algorithm>
#include <utility>

#include "lb/http/h2_session.h"

namespace reseal::http {

void HeldFields::copy(std::span<const Field> from) {
  for (const Field& field : from) {
    if (!field.drop) fields.push_back({field.id, false, arena.copy(field.name), arena.copy(field.value)});
  }
}

void HeldFields::clear() {
  fields.clear();
  arena.clear();
}

namespace {

/// Less is copied: it goes out with what else the turn brings, its end in the same frame.
constexpr std::size_t kWorthPumping = 4 * 1024;

}  // namespace

H2Stream::H2Stream(H2Session& session, BufferPool& pool)
    : session_(session), input_(pool), input_trailers_(pool), output_(pool), output_trailers_(pool) {}

// ---- output

void H2Stream::write(std::string_view data, bool last) {
  if (data.empty() || closed_ || output_ended_) return;
  output_ended_ = last;
  if (data.size() >= kWorthPumping && output_.empty() && session_.can_pump()) {
    // Straight from where it lies into the frames that go out now.
    direct_ = data;
    if (std::exchange(deferred_, false)) session_.resume(*this);
    const std::size_t queued_before = session_.queued();
    session_.pump();
    data = std::exchange(direct_, {});
    if (session_.queued() != queued_before)
      session_.want_output();  // others have drained, and are to be told
    if (closed_) return;
  }
  if (data.empty()) return;
  output_.append(data);
  session_.add_queued(data.size());
  if (std::exchange(deferred_, false)) session_.resume(*this);
}

void H2Stream::end_output(std::span<const Field> trailers) {
  if (closed_ || output_ended_) return;
  output_ended_ = true;
  output_trailers_.copy(trailers);
  if (std::exchange(deferred_, false)) session_.resume(*this);
}

H2Stream::Offer H2Stream::offer(std::size_t most) {
  const std::size_t available = output_.size() + direct_.size();
  if (available == 0 && !output_ended_) {
    deferred_ = true;
    return {0, false, true};
  }
  const std::size_t bytes = std::min(most, available);
  return {bytes, output_ended_ && bytes == available, false};
}

void H2Stream::move_output(std::size_t bytes, ByteQueue& to) {
  moved_ += bytes;
  const std::size_t from_queue = std::min(bytes, output_.size());
  session_.remove_queued(from_queue);
  for (std::size_t left = from_queue; left != 0;) {
    const std::string_view run = output_.front().substr(0, left);
    to.append(run);
    output_.consume(run.size());
    left -= run.size();
  }
  to.append(direct_.substr(0, bytes - from_queue));
  direct_.remove_prefix(bytes - from_queue);
}

void H2Stream::drop_output() {
  session_.remove_queued(output_.size());
  output_.clear();
  output_ended_ = true;
}

bool H2Stream::output_backed_up() const {
  const bool full = output_.size() >= ByteSink::kHighWater || session_.is_backed_up();
  if (full) wants_drained_ = true;
  return full;
}

bool H2Stream::take_wants_drained() {
  if (!wants_drained_ || output_.size() >= ByteSink::kHighWater / 2 || session_.is_backed_up()) return false;
  wants_drained_ = false;
  return true;
}

bool H2Stream::look_stalled() {
  const bool stalled = looked_ && !output_.empty() && moved_ == looked_at_;
  looked_ = !output_.empty();
  looked_at_ = moved_;
  return stalled;
}

// ---- input

void H2Stream::consume(std::size_t bytes) {
  if (bytes != 0) session_.consume(input_ended_ || closed_ ? 0 : id_, bytes);
}

void H2Stream::recycle() {
  consume(input_.size());
  input_.clear();
  input_trailers_.clear();
  drop_output();
  output_trailers_.clear();
  id_ = 0;
  moved_ = looked_at_ = 0;
  looked_ = input_ended_ = output_ended_ = deferred_ = closed_ = wants_drained_ = false;
}

}  // namespace reseal::http
