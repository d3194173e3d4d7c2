#include "lb/runtime/log_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "lb/base/text.h"

namespace reseal::runtime {
namespace {

constexpr Duration kRetry{20};         // while a target is full
constexpr Duration kDropsTold{10000};  // between two lines about dropped ones
constexpr Duration kLastChance{1000};
constexpr std::size_t kMostKeptCapacity = 512 * 1024;

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

}  // namespace

LogWriter::LogWriter(net::Loop& loop, Log& log)
    : loop_(loop),
      log_(log),
      retry_(net::Timer::bind<static_cast<void (LogWriter::*)()>(&LogWriter::write)>(this)) {}

void LogWriter::add(std::shared_ptr<stats::AccessChannel> channel, std::unique_ptr<LogSink> sink) {
  auto target = std::make_unique<Target>();
  target->channel = std::move(channel);
  target->sink = std::move(sink);
  targets_.push_back(std::move(target));
}

void LogWriter::remove(const std::shared_ptr<stats::AccessChannel>& channel) {
  const auto found = std::ranges::find(targets_, channel, [](const auto& target) { return target->channel; });
  if (found == targets_.end()) return;
  finish(**found, Clock::now() + kLastChance);
  targets_.erase(found);
}

void LogWriter::reopen() {
  for (const auto& target : targets_) {
    const auto reopened = target->sink->reopen();
    if (reopened) continue;
    log_.error(fmt::format("access log {}: {}: {}; the file that was open goes on being written",
                           target->channel->target(), reopened.error().detail,
                           std::strerror(reopened.error().system)));
  }
}

void LogWriter::write() {
  bool all = true;
  for (const auto& target : targets_) all = write(*target) && all;
  if (!all) loop_.start_timer(retry_, kRetry);
}

bool LogWriter::write(Target& target) {
  // What is left from the last time, and what has come since. More has its own wake-up: the other targets are next.
  for (int round = 0; round < 2; ++round) {
    if (target.begin == target.text.size()) {
      // What a stalled target has left behind need not be kept.
      if (target.text.capacity() > kMostKeptCapacity) target.text = std::string();
      target.begin = 0;
      target.channel->take(target.text);
      report_dropped(target);
      if (target.text.empty()) return true;
    }
    const std::string_view rest = std::string_view(target.text).substr(target.begin);
    const LogSink::Outcome outcome = target.sink->write(rest);
    target.channel->count_failed(outcome.failed);
    target.channel->count_written(lines_in(rest.substr(0, outcome.taken)) - outcome.failed);
    target.begin += outcome.taken;
    if (outcome.taken != 0) report_error(target, outcome);
    if (target.begin != target.text.size()) {
      report_dropped(target);
      return false;
    }
  }
  return true;
}

void LogWriter::finish() {
  const TimePoint deadline = Clock::now() + kLastChance;
  for (const auto& target : targets_) finish(*target, deadline);
}

void LogWriter::finish(Target& target, TimePoint deadline) {
  while (!write(target)) {  // a sink that is full has waited a little itself
    if (Clock::now() < deadline) continue;
    std::uint64_t lost = lines_in(std::string_view(target.text).substr(target.begin));
    target.channel->take(target.text);
    lost += lines_in(target.text);
    target.channel->count_failed(lost);
    log_.warn(fmt::format("access log {}: {} could not be written any more", target.channel->target(),
                          counted(lost, "line")));
    return;
  }
}

void LogWriter::report_error(Target& target, const LogSink::Outcome& outcome) {
  const int before = std::exchange(target.error, outcome.error);
  if (outcome.error == before) return;
  if (before == 0) target.lost_before_error = target.channel->failed() - outcome.failed;
  if (outcome.error != 0) {
    log_.error(fmt::format("access log {}: {}; lines are lost until it can be written again",
                           target.channel->target(), std::strerror(outcome.error)));
  } else {
    log_.info(fmt::format("access log {}: is written again; {} were lost", target.channel->target(),
                          counted(target.channel->failed() - target.lost_before_error, "line")));
  }
}

void LogWriter::report_dropped(Target& target) {
  const std::uint64_t dropped = target.channel->dropped();
  if (dropped == target.dropped_told || loop_.now() - target.dropped_told_at < kDropsTold) return;
  log_.warn(fmt::format("access log {}: {} dropped: it does not take them as fast as they come",
                        target.channel->target(), counted(dropped - target.dropped_told, "line")));
  target.dropped_told = dropped;
  target.dropped_told_at = loop_.now();
}

}  // namespace reseal::runtime
