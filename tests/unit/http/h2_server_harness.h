// An owner for H2Server with one exchange a request, all of which write down what they are told and answer as a test
// wants it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lb/http/h2_server.h"
#include "tests/unit/http/h2_conversation.h"

namespace reseal::http::test {

class H2ServerHarness final : public H2Conversation<H2Server>, public ServerSessionEvents {
 public:
  enum class Answer { kAtOnce, kAtEnd, kByHand };

  /// One request. Its notes go into the harness's log, with its number (from 1) in front.
  class Exchange final : public RequestEvents {
   public:
    Exchange(H2ServerHarness& harness, std::size_t number)
        : harness_(harness), head(harness.pool_), response_(harness.pool_), number_(number) {}

    ResponseHead& response(int status, const Framing& framing) {
      response_.reset();
      response_.status = status;
      response_.framing = framing;
      return response_;
    }
    void answer(int status, std::string_view body) {
      writer->send_head(response(status, {BodyKind::kLength, body.size(), false}));
      if (!body.empty()) writer->send_body(body);
      writer->send_end({});
      response_.reset();
    }

    RequestHead& request_head() override { return head; }
    void on_request_body(std::string_view data) override {
      harness_.note_body(number_, data);
      if (pause_at_body) writer->pause_request_body();
      if (abort_at_body) writer->abort();
    }
    void on_request_end(std::span<Field> trailers) override {
      note("end" + (trailers.empty() ? std::string() : " " + fields_text(trailers)));
      if (harness_.answer_ == Answer::kAtEnd) answer(200, head.target);
    }
    void on_request_failed(const Error& error) override {
      note("failed " + std::string(code_word(error.code)));
      if (harness_.answer_ == Answer::kAtEnd) answer(400, "no");
    }
    void on_client_gone(const Error& error) override { note("gone " + std::string(code_word(error.code))); }
    void on_response_drained() override {
      note("drained");
      if (refill > 0) {
        --refill;
        writer->send_body(std::string(8 * 1024, 'r'));
      }
    }
    void note(const std::string& what) { harness_.note(std::to_string(number_) + ": " + what); }

    H2ServerHarness& harness_;
    RequestHead head;
    ResponseWriter* writer = nullptr;
    bool pause_at_body = false;
    bool abort_at_body = false;
    int refill = 0;  ///< so many pieces of 8 KiB are sent when there is room again

   private:
    ResponseHead response_;
    const std::size_t number_;
  };

  explicit H2ServerHarness(Answer answer, const HeadLimits& limits = {})
      : answer_(answer), session_(sink_, *this, pool_, limits, now) {}

  H2Server& session() override { return session_; }
  Exchange& exchange(std::size_t number) { return *exchanges_.at(number - 1); }
  std::size_t exchanges() const { return exchanges_.size(); }

  /// What a client says first.
  static std::string hello() { return h2::kPreface + h2::settings(); }
  bool resume_at_request = true;

 private:
  RequestEvents& begin_request() override {
    exchanges_.push_back(std::make_unique<Exchange>(*this, exchanges_.size() + 1));
    return *exchanges_.back();
  }
  void on_request(RequestEvents& request, ResponseWriter& writer) override {
    auto& exchange = static_cast<Exchange&>(request);
    exchange.writer = &writer;
    exchange.note(std::string(exchange.head.method_text) + " " + std::string(exchange.head.target) + " " +
                  framing_text(exchange.head.framing));
    if (answer_ == Answer::kAtOnce) {
      exchange.answer(200, exchange.head.target);
      exchange.head.reset();
    } else if (answer_ == Answer::kAtEnd && resume_at_request) {
      writer.resume_request_body();
    }
  }
  void on_bad_request(RequestEvents& request, const Error& error, ResponseWriter& writer) override {
    auto& exchange = static_cast<Exchange&>(request);
    exchange.writer = &writer;
    exchange.note("bad " + std::string(code_word(error.code)));
    CHECK(error.origin == Origin::kClient);
    exchange.answer(400, "no");
  }
  void on_response_complete() override {}
  void on_output_end() override { note("output end"); }
  void on_output_pending() override { output_asked_for(); }
  void on_session_done() override { note("done"); }
  void on_session_aborted() override { note("aborted"); }

  const Answer answer_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  H2Server session_;
};

}  // namespace reseal::http::test
