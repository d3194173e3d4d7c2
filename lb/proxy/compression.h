// One response's way through an encoder, between the exchange and the writer of its client. A member of the
// exchange, which tells it each step; off, and of no cost but one comparison, where the backend has no
// compression. Output comes as the input does, so the client's back-pressure is the exchange's to heed as
// ever. Single thread.
#pragma once

#include <cstdint>

#include "lb/http/compression_policy.h"
#include "lb/http/encoder_pool.h"
#include "lb/http/exchange_ends.h"
#include "lb/stats/counters.h"

namespace reseal::proxy {

class Compression final : private http::EncoderOutput {
 public:
  explicit Compression(http::EncoderPool& encoders) : encoders_(encoders) {}
  ~Compression() { end(); }
  Compression(const Compression&) = delete;
  Compression& operator=(const Compression&) = delete;

  /// A request is on its way to a server that is not to hear what codings the client takes.
  static void hide_accepted(const http::CompressionPolicy* policy, http::RequestHead& request) {
    if (policy != nullptr && policy->hides_accepted) request.drop(http::FieldName::kAcceptEncoding);
  }

  /// The response's head is there, not yet sent: decides, and changes the head accordingly. `policy`: null
  /// where nothing is compressed. `writer` and `counters` (the backend's) are borrowed until end(). When too
  /// many responses are being compressed this one is not.
  void begin(const http::CompressionPolicy* policy, http::RequestHead& request, http::ResponseHead& response,
             http::ResponseWriter& writer, stats::TrafficCounters& counters) {
    if (policy != nullptr) decide(*policy, request, response, writer, counters);
  }

  /// Between begin and end, for a response that is compressed.
  [[nodiscard]] bool is_on() const { return encoder_ != nullptr; }
  /// HAProxy's word for how; empty: it is not compressed.
  [[nodiscard]] std::string_view coding() const {
    if (encoder_ == nullptr) return {};
    return encoder_->coding() == http::Coding::kBrotli ? "br" : "gzip";
  }
  /// In place of the writer's send_body. False: the encoder failed, the response cannot be completed.
  [[nodiscard]] bool send_body(std::string_view data);
  /// The last bytes of the body go out; the writer's send_end is still the exchange's to call. False as above.
  [[nodiscard]] bool finish_body();
  /// Nothing more comes in this turn: what the encoder holds back of a body whose end is not in sight (of
  /// events, of answers to long polls) is to go out. True until flush() was called.
  [[nodiscard]] bool wants_flush() const { return unflushed_; }
  [[nodiscard]] bool flush();

  /// Bytes sent to the client for this response, for the exchange to count.
  [[nodiscard]] std::uint64_t bytes_out() const { return bytes_out_; }
  /// The response is over, complete or not: counts it and gives the encoder back. Idempotent.
  void end() {
    if (encoder_ != nullptr) give_back();
  }

 private:
  void decide(const http::CompressionPolicy& policy, http::RequestHead& request, http::ResponseHead& response,
              http::ResponseWriter& writer, stats::TrafficCounters& counters);
  void give_back();
  void on_encoded(std::string_view bytes) override;

  http::EncoderPool& encoders_;
  http::Encoder* encoder_ = nullptr;
  http::ResponseWriter* writer_ = nullptr;
  stats::TrafficCounters* counters_ = nullptr;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  int level_ = 0;
  bool is_stream_ = false;  // of unknown length: flushed at the end of each turn
  bool unflushed_ = false;
};

}  // namespace reseal::proxy
