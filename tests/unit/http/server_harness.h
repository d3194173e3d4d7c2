// An owner and exchange for H1Server that writes down what it is told and answers as a test wants it.
#pragma once

#include <string>

#include "lb/http/h1_server.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {

class ServerHarness final : public ServerSessionEvents, public RequestEvents {
 public:
  enum class Answer { kAtOnce, kAtEnd, kByHand };

  explicit ServerHarness(Answer answer, const HeadLimits& limits = {})
      : answer_(answer), session_(sink_, *this, limits) {}

  H1Server& session() { return session_; }
  ResponseWriter& writer() { return *writer_; }
  BufferPool& pool() { return pool_; }
  std::string take_output() { return sink_.take(); }
  /// The events since the last call; body bytes are joined, so that pieces do not show.
  std::string take_log() { return std::exchange(log_, {}); }
  std::string log() const { return log_; }

  void feed(std::string_view bytes, std::size_t piece = std::size_t{1} << 30) {
    in_pieces(bytes, piece, [this](std::string_view part) { session_.feed(part); });
  }
  /// The head of a response.
  ResponseHead& response(int status, const Framing& framing) {
    response_.reset();
    response_.status = status;
    response_.reason = "X";
    response_.framing = framing;
    return response_;
  }
  /// A whole response with a length.
  void answer(int status, std::string_view body) {
    writer_->send_head(response(status, {BodyKind::kLength, body.size(), false}));
    writer_->send_body(body);
    writer_->send_end({});
  }
  static std::string answered(int status, std::string_view body, std::string_view connection = "") {
    std::string text =
        "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size());
    if (!connection.empty()) text.append("\r\nConnection: ").append(connection);
    return text.append("\r\n\r\n").append(body);
  }

  // ServerSessionEvents
  RequestEvents& begin_request() override {
    head_.reset();
    return *this;
  }
  void on_request(RequestEvents& request, ResponseWriter& writer) override {
    const RequestHead& head = request.request_head();
    writer_ = &writer;
    note(std::string(head.method_text) + " " + std::string(head.target) + " " + framing_text(head.framing));
    if (answer_ == Answer::kAtOnce) {
      answer(200, head.target);
    } else if (answer_ == Answer::kAtEnd) {
      writer.resume_request_body();
    }
  }
  void on_bad_request(RequestEvents&, const Error& error, ResponseWriter& writer) override {
    writer_ = &writer;
    note("bad " + std::string(code_word(error.code)));
    answer(400, "no");
  }
  void on_response_complete() override { note("complete"); }
  void on_output_end() override { note("output end"); }
  void on_output_pending() override {}
  void on_session_done() override { note("done"); }
  void on_session_aborted() override { note("aborted"); }

  // RequestEvents
  RequestHead& request_head() override { return head_; }
  void on_request_body(std::string_view data) override {
    if (!log_.ends_with(')')) {
      if (!log_.empty()) log_.append(" | ");
      log_.append("body()");
    }
    log_.insert(log_.size() - 1, data);
  }
  void on_request_end(std::span<Field> trailers) override {
    note("end" + (trailers.empty() ? std::string() : " " + fields_text(trailers)));
    if (answer_ == Answer::kAtEnd) answer(200, head_.target);
  }
  void on_request_failed(const Error& error) override {
    note("failed " + std::string(code_word(error.code)));
    if (answer_ == Answer::kAtEnd) answer(400, "no");
  }
  void on_client_gone(const Error& error) override { note("gone " + std::string(code_word(error.code))); }
  void on_response_drained() override { note("drained"); }

 private:
  void note(const std::string& what) {
    if (!log_.empty()) log_.append(" | ");
    log_.append(what);
  }

  const Answer answer_;
  std::string log_;
  BufferPool pool_;
  reseal::test::MemorySink sink_{pool_};
  RequestHead head_{pool_};
  ResponseHead response_{pool_};
  H1Server session_;
  ResponseWriter* writer_ = nullptr;
};

}  // namespace reseal::http::test
