#include "lb/proxy/compression.h"

#include <utility>

namespace reseal::proxy {

void Compression::decide(const http::CompressionPolicy& policy, http::RequestHead& request,
                         http::ResponseHead& response, http::ResponseWriter& writer,
                         stats::TrafficCounters& counters) {
  if (policy.hides_accepted) {
    for (http::Field& field : request.fields) field.drop &= field.id != http::FieldName::kAcceptEncoding;
  }
  const bool is_stream = response.framing.kind != http::BodyKind::kLength;
  const http::Coding coding = http::choose_coding(policy, request, response);
  if (coding == http::Coding::kIdentity) return;
  level_ = policy.level(coding);
  if (request.method != http::Method::kHead) {
    encoder_ = encoders_.take(coding, level_);
    if (encoder_ == nullptr) return;
  }
  writer_ = &writer;
  counters_ = &counters;
  bytes_in_ = bytes_out_ = 0;
  is_stream_ = is_stream;
  unflushed_ = false;
  http::state_coding(coding, request.method, response);
}

void Compression::on_encoded(std::string_view bytes) {
  bytes_out_ += bytes.size();
  writer_->send_body(bytes);
}

bool Compression::send_body(std::string_view data) {
  bytes_in_ += data.size();
  unflushed_ = is_stream_;
  return encoder_->encode(data, http::Encoder::Then::kMore, *this);
}

bool Compression::flush() {
  return !std::exchange(unflushed_, false) || encoder_->encode({}, http::Encoder::Then::kPause, *this);
}

bool Compression::finish_body() {
  return encoder_->encode({}, http::Encoder::Then::kEnd, *this);
}

void Compression::give_back() {
  counters_->compressed_responses.add();
  counters_->compression_bytes_in.add(bytes_in_);
  counters_->compression_bytes_out.add(bytes_out_);
  encoders_.give_back(*std::exchange(encoder_, nullptr), level_);
}

}  // namespace reseal::proxy
