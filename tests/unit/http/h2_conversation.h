// What the harnesses of both HTTP/2 ends share: the peer's bytes in, the frames that answer as text, the turns of a loop,
// and a log of what the exchanges were told.
#pragma once

#include <string>
#include <utility>

#include "lb/base/clock.h"
#include "tests/support/h2_frame_reader.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {

namespace h2 = reseal::test::h2;

/// `Session` is H2Server or H2Client; whoever derives owns it, and says where it is.
template <class Session>
class H2Conversation {
 public:
  virtual Session& session() = 0;
  BufferPool& pool() { return pool_; }

  void feed(std::string_view bytes, std::size_t piece = std::size_t{1} << 30) {
    in_pieces(bytes, piece, [this](std::string_view part) { session().feed(part); });
  }
  /// The frames since the last call, with the turn ended before, joined with " | ". SETTINGS and window updates of the
  /// connection are left out.
  std::string take_frames() {
    std::string text;
    for (const std::string& frame : frames_of(take_output())) {
      if (frame.starts_with("SETTINGS") || frame.starts_with("WINDOW_UPDATE 0")) continue;
      if (!text.empty()) text.append(" | ");
      text.append(frame);
    }
    return text;
  }
  std::vector<std::string> frames_of(std::string_view bytes) { return reader_.read(bytes); }
  std::string take_output() {
    end_turn();
    return sink_.take();
  }
  /// As the loop does: output that was asked for is written.
  void end_turn() {
    while (std::exchange(output_pending_, false)) session().write_output();
  }
  std::string take_log() { return std::exchange(log_, {}); }

  TimePoint now{std::chrono::hours(1)};

 protected:
  ~H2Conversation() = default;

  void output_asked_for() {
    CHECK_FALSE(output_pending_);
    output_pending_ = true;
  }
  void note(const std::string& what) {
    if (!log_.empty()) log_.append(" | ");
    log_.append(what);
  }
  /// Pieces of one body in a row are one note.
  void note_body(std::size_t number, std::string_view data) {
    const std::string begin = std::to_string(number) + ": body(";
    const std::size_t last = log_.rfind(" | ");
    const std::size_t at = last == std::string::npos ? 0 : last + 3;
    if (log_.ends_with(')') && log_.compare(at, begin.size(), begin) == 0) {
      log_.insert(log_.size() - 1, data);
    } else {
      note(begin + std::string(data) + ")");
    }
  }

  BufferPool pool_;
  reseal::test::MemorySink sink_{pool_};

 private:
  std::string log_;
  h2::Reader reader_;
  bool output_pending_ = false;
};

}  // namespace reseal::http::test
