#include "lb/admin/cli_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/haproxy/values.h"

namespace reseal::admin {
namespace {

using config::AccessLevel;

CliReply done() {
  return {};
}

CliReply help(CliCall& call);

CliReply show_version(CliCall& call) {
  return message(Severity::kInfo, call.control.snapshot().process.haproxy_version);
}

CliReply show_cli_level(CliCall& call) {
  static constexpr std::array kWords = {"user", "operator", "admin"};
  return message(Severity::kInfo, kWords[static_cast<std::size_t>(call.state.level)]);
}

/// Down only.
template <AccessLevel kLevel>
CliReply lower_level(CliCall& call) {
  call.state.level = std::min(call.state.level, kLevel);
  return done();
}

CliReply clear_counters(CliCall& call) {
  const bool all = call.argument(0) == "all";
  if (all && call.state.level < AccessLevel::kAdmin) return message(Severity::kError, "Permission denied");
  call.control.clear_counters(all);
  return done();
}

CliReply set_timeout(CliCall& call) {
  if (call.argument(0) != "cli") return message(Severity::kError, "'set timeout' only supports 'cli'.");
  if (call.arguments.size() < 2) return message(Severity::kError, "Expects an integer value.");
  const auto time = haproxy::parse_time(call.argument(1), std::chrono::seconds(1));
  if (!time || *time == Duration(0)) return message(Severity::kError, "Invalid timeout value.");
  call.state.timeout = *time;
  return done();
}

CliReply set_severity_output(CliCall& call) {
  static constexpr std::array<std::string_view, 3> kWords = {"none", "number", "string"};
  const auto* const word = std::ranges::find(kWords, call.argument(0));
  if (word == kWords.end())
    return message(Severity::kError, "one of 'none', 'number', 'string' is a required argument");
  call.state.severity_output = static_cast<SeverityOutput>(word - kWords.begin());
  return done();
}

CliReply show_pools(CliCall&) {
  return {"reseal has no pools of HAProxy's kind; there is nothing to show.\n"};
}
CliReply show_activity(CliCall&) {
  return {"reseal keeps no counters of HAProxy's scheduler; 'show info' tells how idle it is.\n"};
}

constexpr std::array kCommands = {
    CliCommand{"clear counters", "[all]", "begin the peaks anew, or everything that is counted",
               AccessLevel::kOperator, clear_counters},
    CliCommand{"get weight", "<bk>/<srv>", "the weight of a server", AccessLevel::kUser, get_weight},
    CliCommand{"operator", "", "go down to the level operator", AccessLevel::kUser,
               lower_level<AccessLevel::kOperator>},
    CliCommand{"set severity-output", "[none|number|string]", "put a message's severity before it",
               AccessLevel::kUser, set_severity_output},
    CliCommand{"set timeout", "[cli] <delay>", "how long this conversation may be silent", AccessLevel::kUser,
               set_timeout},
    CliCommand{"show activity", "", "what the threads do", AccessLevel::kOperator, show_activity},
    CliCommand{"show backend", "", "the names of the backends", AccessLevel::kUser, show_backend},
    CliCommand{"show cli level", "", "the level of this conversation", AccessLevel::kUser, show_cli_level},
    CliCommand{"show cli sockets", "", "the sockets of this API", AccessLevel::kOperator, show_cli_sockets},
    CliCommand{"show env", "[var]", "the environment of the process", AccessLevel::kOperator, show_env},
    CliCommand{"show errors", "[<px>] [request|response]", "messages that were captured",
               AccessLevel::kOperator, show_errors},
    CliCommand{"show info", "[desc|json|typed|float]*", "figures of the process", AccessLevel::kUser,
               show_info},
    CliCommand{"show pools", "", "memory in pools", AccessLevel::kUser, show_pools},
    CliCommand{"show servers conn", "[<backend>]", "connections to servers", AccessLevel::kUser,
               show_servers_conn},
    CliCommand{"show servers state", "[<backend>]", "what servers are at", AccessLevel::kUser,
               show_servers_state},
    CliCommand{"show sess", "[id]", "requests under way", AccessLevel::kOperator, show_sess},
    CliCommand{"show stat", "[desc|json|no-maint|typed|up]*", "counters of frontends, servers and backends",
               AccessLevel::kUser, show_stat},
    CliCommand{"show version", "", "the version that is running", AccessLevel::kUser, show_version},
    CliCommand{"user", "", "go down to the level user", AccessLevel::kUser, lower_level<AccessLevel::kUser>},
    CliCommand{"help", "[<command>]", "this list, or what in it begins so", AccessLevel::kUser, help},
    CliCommand{"prompt", "", "go on after an answer, with a prompt; or not", AccessLevel::kUser,
               [](CliCall& call) {
                 call.state.has_prompt = !call.state.has_prompt;
                 return done();
               }},
    CliCommand{"quit", "", "end the conversation", AccessLevel::kUser,
               [](CliCall& call) {
                 call.state.is_over = true;
                 return done();
               }},
};
constexpr std::size_t kAlwaysListed = 3;  // the last ones

/// HAProxy's, which are not there yet: whoever asks is told so.
constexpr std::array<std::string_view, 49> kNotYet = {"abort ssl",
                                                      "add acl",
                                                      "add map",
                                                      "add server",
                                                      "add ssl",
                                                      "clear acl",
                                                      "clear map",
                                                      "clear table",
                                                      "commit acl",
                                                      "commit map",
                                                      "commit ssl",
                                                      "del acl",
                                                      "del map",
                                                      "del server",
                                                      "del ssl",
                                                      "disable agent",
                                                      "disable dynamic-cookie",
                                                      "disable frontend",
                                                      "disable health",
                                                      "disable server",
                                                      "enable agent",
                                                      "enable dynamic-cookie",
                                                      "enable frontend",
                                                      "enable health",
                                                      "enable server",
                                                      "get acl",
                                                      "get map",
                                                      "get var",
                                                      "new ssl",
                                                      "prepare acl",
                                                      "prepare map",
                                                      "set dynamic-cookie-key",
                                                      "set map",
                                                      "set maxconn",
                                                      "set rate-limit",
                                                      "set server",
                                                      "set ssl",
                                                      "set table",
                                                      "set var",
                                                      "set weight",
                                                      "show acl",
                                                      "show cache",
                                                      "show map",
                                                      "show peers",
                                                      "show resolvers",
                                                      "show ssl",
                                                      "show table",
                                                      "shutdown frontend",
                                                      "shutdown session"};

void append_line(std::string& text, const CliCommand& command) {
  const std::string call =
      command.usage.empty() ? std::string(command.name) : fmt::format("{} {}", command.name, command.usage);
  fmt::format_to(std::back_inserter(text), "  {:<40}: {}\n", call, command.help);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    words.push_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

bool begins_with(const std::vector<std::string>& words, std::string_view name) {
  const auto wanted = words_of(name);
  return words.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), words.begin());
}

/// Those that begin as `words` do, as far as they go; otherwise those that share a word with them, or nearly so.
constexpr std::size_t kMostWords = 8;  // are looked at

std::string like(const std::vector<std::string>& words) {
  std::string text;
  const auto add = [&](auto fits) {
    for (const CliCommand& command : cli_commands().first(kCommands.size() - kAlwaysListed)) {
      if (fits(command)) append_line(text, command);
    }
  };
  std::string begun;
  for (const std::string& word : words) begun += (begun.empty() ? "" : " ") + word;
  add([&](const CliCommand& command) { return command.name.starts_with(begun); });
  if (!text.empty()) return text;
  add([&](const CliCommand& command) {
    const auto own = words_of(command.name);
    return std::ranges::any_of(words | std::views::take(kMostWords), [&](const std::string& word) {
      return std::ranges::any_of(own, [&](std::string_view each) { return is_near(word, each); });
    });
  });
  return text;
}

std::string listing(const std::vector<std::string>& words, std::string_view all, std::string_view some) {
  const std::string near = words.empty() ? std::string() : like(words);
  std::string text(near.empty() ? all : some);
  text += '\n';
  if (near.empty()) {
    for (const CliCommand& command : cli_commands()) append_line(text, command);
    return text;
  }
  text += near;
  for (const CliCommand& command : cli_commands().last(kAlwaysListed)) append_line(text, command);
  return text;
}

CliReply help(CliCall& call) {
  static constexpr std::string_view kHeading = "The following commands are valid at this level:";
  return {listing(call.arguments, kHeading, kHeading), Severity::kInfo, true};
}

CliReply unknown(const std::vector<std::string>& words) {
  for (const std::string_view name : kNotYet) {
    if (begins_with(words, name))
      return message(Severity::kError, fmt::format("'{}' is not there yet in reseal.", name));
  }
  return {listing(words, "Unknown command. Please enter one of the following commands only:",
                  "Unknown command, but maybe one of the following ones is a better match:"),
          Severity::kInfo, true};
}

}  // namespace

bool CliCall::has_argument(std::string_view word) const {
  return std::ranges::find(arguments, word) != arguments.end();
}

CliReply message(Severity severity, std::string text) {
  return {std::move(text) + "\n", severity, true};
}

std::span<const CliCommand> cli_commands() {
  return kCommands;
}

CliReply run_cli_command(std::vector<std::string> words, std::string payload, runtime::Control& control,
                         const config::RuntimeApi& api, CliState& state) {
  for (const CliCommand& command : cli_commands()) {
    if (!begins_with(words, command.name)) continue;
    if (state.level < command.level) return message(Severity::kError, "Permission denied");
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(words_of(command.name).size()));
    CliCall call{control, state, api, std::move(words), std::move(payload)};
    return command.run(call);
  }
  return unknown(words);
}

}  // namespace reseal::admin
