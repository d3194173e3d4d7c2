#include "lb/admin/cli_session.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace reseal::admin {

CliSession::CliSession(runtime::Control& control, const config::RuntimeApi& api, config::AccessLevel level)
    : control_(control), api_(api) {
  state_.level = level;
  state_.timeout = api.timeout;
}

bool CliSession::feed(std::string_view bytes) {
  input_ += bytes;
  const bool in_payload = !commands_.empty() && commands_.front().wants_payload;
  if (in_payload) return input_.size() <= kLongestPayload;
  const std::size_t end = input_.find('\n');
  return std::min(end, input_.size()) <= kLongestLine && input_.size() <= kLongestPayload;
}

/// Words between blanks; a backslash takes the meaning of what follows it.
void CliSession::split(std::string_view line) {
  Command command;
  std::string word;
  bool in_word = false;
  const auto end_word = [&] {
    if (std::exchange(in_word, false)) command.words.push_back(std::exchange(word, {}));
  };
  const auto end_command = [&] {
    end_word();
    if (!command.words.empty() && command.words.back() == "<<") {
      command.words.pop_back();
      command.wants_payload = true;
    }
    commands_.push_back(std::exchange(command, {}));
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && i + 1 < line.size()) {
      word += line[++i];
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (c == ';') {
      end_command();
    } else {
      word += c;
      in_word = true;
    }
  }
  end_command();
}

bool CliSession::take_line() {
  const std::size_t end = input_.find('\n');
  if (end == std::string::npos) return false;
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 1);
  if (line.ends_with('\r')) line.pop_back();
  split(line);
  return true;
}

/// Up to an empty line.
bool CliSession::take_payload(std::string& payload) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = input_.find('\n', begin);
    if (end == std::string::npos) return false;
    std::string_view line = std::string_view(input_).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
      payload = input_.substr(0, begin);
      input_.erase(0, end + 1);
      return true;
    }
    begin = end + 1;
  }
}

bool CliSession::run_next(std::string& out) {
  if (state_.is_over) return false;
  if (commands_.empty() && !take_line()) {
    // What of a line is there without its end is not a command.
    if (was_asked_ && !state_.has_prompt) state_.is_over = true;
    return false;
  }
  std::string payload;
  if (commands_.front().wants_payload && !take_payload(payload)) return false;
  was_asked_ = true;
  Command command = std::move(commands_.front());
  commands_.pop_front();
  const CliReply reply =
      run_cli_command(std::move(command.words), std::move(payload), control_, api_, state_);
  if (!state_.is_over) answer(reply, out);
  return true;
}

void CliSession::answer(const CliReply& reply, std::string& out) const {
  static constexpr std::array kWords = {"emerg", "alert", "crit", "err", "warn", "note", "info", "debug"};
  const auto severity = static_cast<std::size_t>(reply.severity);
  if (reply.is_message && state_.severity_output == SeverityOutput::kNumber) {
    out += fmt::format("[{}]: ", severity);
  } else if (reply.is_message && state_.severity_output == SeverityOutput::kString) {
    out += fmt::format("[{}]: ", kWords[severity]);
  }
  out += reply.text;
  out += state_.has_prompt ? "\n> " : "\n";
}

}  // namespace reseal::admin
