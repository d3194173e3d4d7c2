// What a client of mode tcp has sent so far, for rules that look into it, and whether what they find may still change.
// A member of whoever asks the rules; single thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "lb/rules/expression/request_body.h"
#include "tls/client_hello.h"

namespace reseal::rules::expression {

class Inspection {
 public:
  /// `body` is borrowed: what has come.
  explicit Inspection(const RequestBody& body) : body_(body) {}

  [[nodiscard]] std::string_view bytes() const { return body_.bytes.substr(0, RequestBody::kMost); }
  /// More may come, and it is worth waiting for.
  [[nodiscard]] bool may_grow() const {
    return body_.may_grow && !body_.is_complete && body_.bytes.size() < RequestBody::kMost;
  }

  /// Of a fetch: what it has found, or that it has found nothing, may be another thing with more bytes.
  void unsettle() { is_settled_ = false; }
  /// The same where it is known how many bytes there must be in all.
  void lack(std::size_t enough) {
    unsettle();
    if (enough > bytes().size()) enough_ = std::min(enough_, enough);
  }
  /// The least that lack() has named since the last call; 0: nothing.
  [[nodiscard]] std::size_t take_enough() {
    const std::size_t enough = std::exchange(enough_, kUnknown);
    return enough == kUnknown ? 0 : enough;
  }
  /// Whether one has said so since take_unsettled(), and more may come.
  [[nodiscard]] bool is_unsettled() const { return !is_settled_ && may_grow(); }
  [[nodiscard]] bool take_unsettled() {
    const bool unsettled = is_unsettled();
    is_settled_ = true;
    return unsettled;
  }

  /// The ClientHello at the front; read once for as many bytes as there are.
  const tls::ClientHelloParse& hello() {
    if (read_ != bytes().size()) {
      read_ = bytes().size();
      hello_ = tls::parse_client_hello(bytes());
    }
    return hello_;
  }

 private:
  const RequestBody& body_;
  tls::ClientHelloParse hello_;
  static constexpr std::size_t kUnknown = SIZE_MAX;
  std::size_t read_ = 0;
  std::size_t enough_ = kUnknown;
  bool is_settled_ = true;
};

}  // namespace reseal::rules::expression
