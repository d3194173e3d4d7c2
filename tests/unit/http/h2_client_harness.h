// An owner for H2Client with one exchange a request, all of which write down what they are told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lb/http/h2_client.h"
#include "tests/support/h2_frame_reader.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {

namespace h2 = reseal::test::h2;

class H2ClientHarness final : public ClientSessionEvents {
 public:
  /// One request. Its notes go into the harness's log, with its number (from 1) in front.
  class Exchange final : public ResponseEvents {
   public:
    Exchange(H2ClientHarness& harness, std::size_t number, std::string_view request)
        : harness_(harness), number_(number), request_(harness.pool_), response_(harness.pool_) {
      REQUIRE(parse_request_head(request_.arena.copy(request), {.allow_connect = true}, request_));
      writer = &harness.session_.open_request();
      writer->send_head(request_, *this);
    }
    /// Gives the writer back; what close_request said.
    bool close() { return harness_.session_.close_request(*std::exchange(writer, nullptr)); }

    ResponseHead& response_head() override { return response_; }
    void on_informational(ResponseHead& head) override { note(std::to_string(head.status)); }
    void on_response_head(ResponseHead& head) override {
      note(std::to_string(head.status) + " " + framing_text(head.framing));
      if (close_at_head) close();
    }
    void on_response_body(std::string_view data) override {
      harness_.note_body(number_, data);
      if (pause_at_body) writer->pause_response();
      if (close_at_body) close();
    }
    void on_response_end(std::span<Field> trailers) override {
      note("end" + (trailers.empty() ? std::string() : " " + fields_text(trailers)));
      if (close_at_end) close();
    }
    void on_response_failed(const Error& error) override {
      note(std::string(code_word(error.code)));
      CHECK(error.origin == Origin::kServer);
    }
    void on_request_drained() override { note("drained"); }
    void note(const std::string& what) { harness_.note(std::to_string(number_) + ": " + what); }

    H2ClientHarness& harness_;
    RequestWriter* writer = nullptr;
    bool pause_at_body = false;
    bool close_at_head = false;
    bool close_at_body = false;
    bool close_at_end = false;

   private:
    const std::size_t number_;
    RequestHead request_;
    ResponseHead response_;
  };

  H2Client& session() { return session_; }
  BufferPool& pool() { return pool_; }
  Exchange& exchange(std::size_t number) { return *exchanges_.at(number - 1); }
  /// Begins a request as HTTP/1 would state it; without a body it is complete.
  Exchange& begin(std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", bool complete = true) {
    exchanges_.push_back(std::make_unique<Exchange>(*this, exchanges_.size() + 1, request));
    if (complete) exchanges_.back()->writer->send_end({});
    return *exchanges_.back();
  }

  void feed(std::string_view bytes, std::size_t piece = std::size_t{1} << 30) {
    in_pieces(bytes, piece, [this](std::string_view part) { session_.feed(part); });
  }
  /// The frames since the last call, with the turn ended before; SETTINGS and the connection's windows are left out.
  std::string take_frames() {
    std::string text;
    for (const std::string& frame : reader_.read(take_output())) {
      if (frame.starts_with("SETTINGS") || frame.starts_with("WINDOW_UPDATE 0")) continue;
      if (!text.empty()) text.append(" | ");
      text.append(frame);
    }
    return text;
  }
  std::string take_output() {
    end_turn();
    return sink_.take();
  }
  void end_turn() {
    while (std::exchange(output_pending_, false)) session_.write_output();
  }
  std::string take_log() { return std::exchange(log_, {}); }
  int capacity_changes = 0;

  TimePoint now{std::chrono::hours(1)};

 private:
  void on_output_pending() override {
    CHECK_FALSE(output_pending_);
    output_pending_ = true;
  }
  void on_reading_changed() override {}
  void on_output_end() override { note("output end"); }
  void on_capacity_changed() override { ++capacity_changes; }

  void note(const std::string& what) {
    if (!log_.empty()) log_.append(" | ");
    log_.append(what);
  }
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

  std::string log_;
  BufferPool pool_;
  reseal::test::MemorySink sink_{pool_};
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  h2::Reader reader_;
  bool output_pending_ = false;
  H2Client session_{sink_, *this, pool_, "https", now};
};

}  // namespace reseal::http::test
