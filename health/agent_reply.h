// What an agent says of its server, in HAProxy's language: "up 75% # all well". Pure; what comes is anybody's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reseal::health {

enum class AgentOrder : std::uint8_t { kReady, kDrain, kMaintenance };

struct AgentReply {
  std::optional<bool> up;  ///< nothing: it does not say
  std::string word;        ///< the one that says it: "up", "down", "fail", "stopped"
  std::optional<AgentOrder> order;
  std::optional<std::uint32_t> percent;       ///< of the configured weight
  std::optional<std::uint32_t> max_requests;  ///< 0: no limit
  std::string text;                           ///< behind a '#', or what is no word of the language
  bool has_unknown = false;                   ///< `text` is such a thing
  std::string warning;                        ///< of a value that is none

  /// As HAProxy tells it in its logs and statistics: "via agent : fail (too hot)"; may be empty.
  [[nodiscard]] std::string told() const;
};

/// Longer lines are not read to their end.
constexpr std::size_t kMostAgentReply = 4096;

/// The first line of `input`, which need not have ended; nothing: it is not complete, and more may come (`is_all`: nothing
/// will).
std::optional<AgentReply> parse_agent_reply(std::string_view input, bool is_all);

}  // namespace reseal::health
