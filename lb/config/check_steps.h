// The steps of a health check: connect, send, expect. Plain values; what they mean at run time is health/check_plan's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lb/config/check_status.h"

namespace reseal::config {

enum class CheckAlpn : std::uint8_t { kAsTraffic, kNone, kHttp1, kH2, kNegotiated };

/// Where and how to connect; what is not said is as traffic has it.
struct CheckConnect {
  std::string host;         ///< name or address; empty: the server's
  std::uint16_t port = 0;   ///< 0: the server's
  std::optional<bool> tls;  ///< none: as traffic
  std::string sni;          ///< empty: as traffic
  CheckAlpn alpn = CheckAlpn::kAsTraffic;
  std::optional<bool> send_proxy;
  bool operator==(const CheckConnect&) const = default;
};

/// Bytes as they are. A new answer is expected from here on.
struct CheckSend {
  std::string bytes;
  bool operator==(const CheckSend&) const = default;
};

/// An HTTP request.
struct CheckRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string host;        ///< empty: no Host
  bool is_http10 = false;  ///< written as HTTP/1.0
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  bool tells_state = false;  ///< X-Haproxy-Server-State
  bool operator==(const CheckRequest&) const = default;
};

enum class TextMatchKind : std::uint8_t { kExact, kPrefix, kSuffix, kPart, kRegex };
struct TextMatch {
  TextMatchKind kind = TextMatchKind::kExact;
  std::string text;
  bool operator==(const TextMatch&) const = default;
};

enum class ExpectKind : std::uint8_t {
  // of an HTTP response
  kStatus,
  kStatusRegex,
  kField,
  kBodyPart,
  kBodyRegex,
  // of bytes
  kPart,
  kRegex,
  kBinary,       ///< the same as kPart, told otherwise
  kBinaryRegex,  ///< over the bytes written in hexadecimal
  kMysqlGreeting,
  kMysqlOk,
  kLdapBind
};

/// What a result says besides its status: a text, or what the server said from there to the end of its line.
struct CheckInfo {
  std::string text;
  int answer_from = -1;                     ///< at least 0: the answer's text from there on
  static constexpr int kNothing = 1 << 20;  ///< answer_from: no text at all
  bool operator==(const CheckInfo&) const = default;
};

struct CheckExpect {
  ExpectKind kind = ExpectKind::kStatus;
  bool negated = false;
  std::string pattern;
  std::vector<std::pair<int, int>> statuses;  ///< of kStatus: inclusive ranges
  TextMatch field;                            ///< of kField: its name
  std::optional<TextMatch> value;             ///< of kField: its value; none: that it is there
  bool whole_value = false;                   ///< the value as one, not each part of a list
  int least_bytes = -1;  ///< judged once there are so many; none: wait for more until it matches
  CheckStatus ok = CheckStatus::kL7Ok;
  CheckStatus error = CheckStatus::kL7Response;
  CheckStatus timeout = CheckStatus::kL7Timeout;
  CheckInfo on_success, on_error;
  bool code_in_answer = false;  ///< its first three bytes
  bool operator==(const CheckExpect&) const = default;
};

struct CheckStep {
  std::variant<CheckConnect, CheckSend, CheckRequest, CheckExpect> what;
  std::string comment;
  bool implied = false;  ///< not written by the operator: not counted where steps are told by number
  bool operator==(const CheckStep&) const = default;
};

}  // namespace reseal::config
