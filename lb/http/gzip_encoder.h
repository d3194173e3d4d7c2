// The gzip coding (RFC 1952), by zlib, which is fenced in here. Owner, thread: see encoder.h.
#pragma once

#include <memory>

#include "lb/http/encoder.h"

struct z_stream_s;

namespace reseal::http {

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder();
  ~GzipEncoder() override;

  [[nodiscard]] Coding coding() const override { return Coding::kGzip; }
  [[nodiscard]] std::size_t memory(int) const override { return std::size_t{272} * 1024; }
  /// `level`: 1 (fast) to 9 (small).
  [[nodiscard]] bool begin(int level) override;
  [[nodiscard]] bool encode(std::string_view data, Then then, EncoderOutput& out) override;
  void finish() override {}

 private:
  std::unique_ptr<z_stream_s> stream_;
  bool initialised_ = false;
};

}  // namespace reseal::http
