// What a rule of HAProxy's language does: one class and one row (action_table.h) for each kind. Compiled once; immutable;
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"
#include "lb/base/clock.h"
#include "lb/http/message.h"
#include "lb/net/address.h"
#include "lb/rules/actions/answer.h"
#include "lb/rules/expression/sample_context.h"

namespace reseal::rules::actions {

/// How much of a request's body is waited for, and how long.
struct BodyWish {
  std::optional<Duration> time;  ///< nothing: as long as for a request's head
  std::uint64_t at_least = 0;    ///< bytes; 0: all of it, or as much as is kept
};

/// What becomes of the connection, request or response after a rule.
struct Verdict {
  enum class Kind : std::uint8_t {
    kContinue,  ///< with the next rule
    kAllow,     ///< with what follows this list
    kAnswer,    ///< no server: `answer`
    kClose,     ///< the connection is closed without a word
    kWait,      ///< for more of the request's body: then this rule again
  };
  Kind kind = Kind::kContinue;
  const Answer* answer = nullptr;
  std::string_view location{};  ///< with an answer that redirects; in the run's arena
  BodyWish body{};              ///< with kWait
  std::size_t rule = 0;         ///< with kWait: the rule's number in its list
};

/// What rules say of a request besides, or of a connection; nothing: as it is, or as the sections have it.
struct Overrides {
  std::optional<net::Address> source, destination;
  std::optional<Duration> server_timeout;
  std::optional<Duration> tunnel_timeout;
  std::optional<int> log_level;  ///< of syslog, 0 to 7; kSilent: no line
  static constexpr int kSilent = -1;
  /// Of a request that waits for a server (backends::Priority), as far as HAProxy lets them go.
  static constexpr std::int64_t kMostClass = 2047, kMostOffset = 524'287;
  std::int64_t priority_class = 0;
  std::int64_t priority_offset = 0;  ///< milliseconds
  struct Hint {
    std::string_view name, value;
  };
  std::vector<Hint>
      hints;  ///< fields to be told before the response (103); in the request's arena or a rule's
};

/// One walk through a list of rules: what they look at, what they may change, and what they leave behind. Single thread.
struct Run {
  expression::SampleContext& context;
  Arena& arena;                          ///< of the head that is edited, or of the connection
  http::RequestHead* request = nullptr;  ///< null before there is one
  http::ResponseHead* response = nullptr;
  Overrides* overrides = nullptr;  ///< null where nothing obeys them

  /// The head that fields are edited in: the response's once there is one.
  [[nodiscard]] http::MessageHead* head() const {
    if (response != nullptr) return response;
    return request;
  }
};

class Action {
 public:
  virtual ~Action() = default;
  virtual Verdict run(Run& run) const = 0;
  /// What it must see for its values (expression::Needs).
  [[nodiscard]] virtual std::uint8_t needs() const { return expression::kNeedsNothing; }
  /// Where more bytes of a client may come that change its value, it is run again with them.
  [[nodiscard]] virtual bool waits_for_value() const { return false; }
};

}  // namespace reseal::rules::actions
