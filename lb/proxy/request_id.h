// A name for each request, the same in the access log, at the server and, if wanted, at the client. Unique among
// all processes and restarts (64 random bits a worker, then a counter); no secret: one tells the next.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "lb/http/message.h"

namespace reseal::proxy {

/// request_id: of a frontend.
struct RequestIdSettings {
  enum class Accept : std::uint8_t { kNone, kTrusted, kAny };

  std::string field;                 ///< its name; empty: requests get no id
  std::string lower;                 ///< the same as http::is_same_variable wants it
  Accept accept = Accept::kTrusted;  ///< whose own ids are kept
  bool respond = false;              ///< responses carry it too

  /// Whether the id that a client sends is kept.
  [[nodiscard]] bool keeps(bool trusted_client) const {
    return accept == Accept::kAny || (accept == Accept::kTrusted && trusted_client);
  }
};

/// One worker's ids. Single thread.
class RequestIds {
 public:
  static constexpr std::size_t kLength = 32;

  explicit RequestIds(std::uint64_t prefix) : prefix_(prefix) {}
  /// 32 hexadecimal digits in `arena`.
  std::string_view next(Arena& arena);

 private:
  std::uint64_t prefix_;
  std::uint64_t count_ = 0;
};

/// 1 to 128 letters, digits and "-_.:+/=@~": nothing that could break out of a log line or a field.
bool is_valid_request_id(std::string_view text);

/// Sets head.request_id and the field: the one valid id that came, if the settings keep it, otherwise a new one.
/// What else came under that name is dropped, in every spelling. Does nothing if the settings name no field.
void assign_request_id(const RequestIdSettings& settings, bool trusted_client, RequestIds& ids,
                       http::RequestHead& head);

/// Trailers carry no id: the head has it.
void drop_request_id(const RequestIdSettings& settings, std::span<http::Field> fields);

/// The response carries the id and no other, if the settings say so.
void return_request_id(const RequestIdSettings& settings, std::string_view id, http::ResponseHead& head);

}  // namespace reseal::proxy
