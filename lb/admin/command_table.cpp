#include "lb/admin/command_table.h"

#include <fmt/format.h>

#include "lb/base/log.h"
#include "lb/base/text.h"
#include "lb/runtime/version.h"
#include "lb/stats/json.h"
#include "lb/stats/prometheus.h"

namespace reseal::admin {
namespace {

using Reply = std::function<void(Answer)>;

std::string help_text() {
  std::string text;
  for (const Command& command : commands()) text += fmt::format("{:<10}{}\n", command.name, command.help);
  return text;
}

constexpr Command kCommands[] = {
    {"stats", "statistics as JSON",
     [](runtime::Control& control, Reply reply) {
       reply({Answer::Kind::kOk, stats::json_text(control.snapshot())});
     }},
    {"metrics", "statistics as Prometheus text",
     [](runtime::Control& control, Reply reply) {
       reply({Answer::Kind::kOk, stats::prometheus_text(control.snapshot())});
     }},
    {"reload", "read the configuration file again; answers when every worker serves it",
     [](runtime::Control& control, Reply reply) {
       control.reload([reply = std::move(reply)](const runtime::ReloadOutcome& outcome) {
         reply({outcome.ok ? Answer::Kind::kOk : Answer::Kind::kRefused, outcome.text});
       });
     }},
    {"stop", "stop accepting, finish what is in flight, end",
     [](runtime::Control& control, Reply reply) {
       control.stop();
       reply({Answer::Kind::kOk, "stopping\n"});
     }},
    {"health", "ok, or draining",
     [](runtime::Control& control, Reply reply) {
       reply(control.is_draining() ? Answer{Answer::Kind::kRefused, "draining\n"}
                                   : Answer{Answer::Kind::kOk, "ok\n"});
     }},
    {"version", "the version that is running",
     [](runtime::Control&, Reply reply) {
       reply({Answer::Kind::kOk, fmt::format("reseal {}\n", runtime::kVersion)});
     }},
    {"help", "this list", [](runtime::Control&, Reply reply) { reply({Answer::Kind::kOk, help_text()}); }},
};

}  // namespace

std::string Answer::wire() const {
  const char* word = kind == Kind::kOk ? "ok\n" : kind == Kind::kRefused ? "refused\n" : "unknown\n";
  return word + text;
}

std::span<const Command> commands() {
  return kCommands;
}

void run_command(std::string_view line, runtime::Control& control, Reply answer) {
  if (line.ends_with('\r')) line.remove_suffix(1);  // a terminal's line end
  const std::string_view name = trim_blanks(line);
  for (const Command& command : commands()) {
    if (name == command.name) {
      command.run(control, std::move(answer));
      return;
    }
  }
  constexpr std::size_t kMostShown = 40;
  answer({Answer::Kind::kUnknown, fmt::format("unknown command '{}'; there are:\n{}",
                                              escaped(name.substr(0, kMostShown)), help_text())});
}

}  // namespace reseal::admin
