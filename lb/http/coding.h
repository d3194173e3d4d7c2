// Content codings, and which of them a client takes: Accept-Encoding with its weights (RFC 9110 12.5.3). Pure;
// any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "lb/http/message.h"

namespace reseal::http {

enum class Coding : std::uint8_t { kIdentity, kGzip, kBrotli };

/// The coding's name in Content-Encoding: "gzip", "br"; "identity" stands there for none.
std::string_view coding_name(Coding coding);

/// What a request says of the codings it takes. A request that says nothing gets no coding, though RFC 9110
/// would allow any: such clients are scripts that do not decode.
class AcceptedCodings {
 public:
  AcceptedCodings() = default;
  /// From every Accept-Encoding field of the head.
  explicit AcceptedCodings(const RequestHead& head);

  /// Another field's value. A weight that is none counts as 0; of a coding that is named twice the lower one
  /// counts.
  void add(std::string_view value);

  /// The coding of `offered` that the client wants most, the first of equals; kIdentity when it takes none of
  /// them or wants none (identity) more.
  [[nodiscard]] Coding best_of(std::span<const Coding> offered) const;

 private:
  static constexpr int kUnnamed = -1;
  static constexpr std::size_t kCodings = 3;
  void add_element(std::string_view element);
  [[nodiscard]] int weight(Coding coding) const;

  std::array<int, kCodings> weights_{kUnnamed, kUnnamed, kUnnamed};  // by coding, in thousandths
  int others_ = kUnnamed;                                            // "*"
};

}  // namespace reseal::http
