// An owner for H2Client with one exchange a request, all of which write down what they are told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lb/http/h2_client.h"
#include "tests/unit/http/h2_conversation.h"

namespace reseal::http::test {

class H2ClientHarness final : public H2Conversation<H2Client>, public ClientSessionEvents {
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

  H2Client& session() override { return session_; }
  Exchange& exchange(std::size_t number) { return *exchanges_.at(number - 1); }
  /// Begins a request as HTTP/1 would state it; without a body it is complete.
  Exchange& begin(std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", bool complete = true) {
    exchanges_.push_back(std::make_unique<Exchange>(*this, exchanges_.size() + 1, request));
    if (complete) exchanges_.back()->writer->send_end({});
    return *exchanges_.back();
  }

  int capacity_changes = 0;

 private:
  void on_output_pending() override { output_asked_for(); }
  void on_reading_changed() override {}
  void on_output_end() override { note("output end"); }
  void on_capacity_changed() override { ++capacity_changes; }

  std::vector<std::unique_ptr<Exchange>> exchanges_;
  H2Client session_{sink_, *this, pool_, "https", now};
};

}  // namespace reseal::http::test
