#include "lb/proxy/access_log.h"

#include <array>

namespace reseal::proxy {
namespace {

constexpr Duration kOldest{100};
// Buffers of logs that nobody writes to any more hold memory, and their file open.
constexpr Duration kUnused{10000};
constexpr std::size_t kMostStructuredData = 2048;

}  // namespace

AccessLogs::AccessLogs(net::Loop& loop)
    : loop_(loop), timer_(net::Timer::bind<&AccessLogs::on_timer>(this)) {}

void AccessLogs::write(const AccessLog& log, const stats::AccessRecord& record, stats::LogLevel level) {
  if (!log.target.takes(level)) return;
  std::array<char, kMostStructuredData> structured;
  stats::LogLine data(structured, date_);
  if (log.structured_data && log.target.header.has_structured_data())
    log.structured_data->write(record, data);
  stats::AccessBuffer& buffer = buffer_of(log.target);
  stats::LogLine line(buffer.room(), date_);
  log.target.write_header(level, wall_time(loop_.now()), data.written(), line);
  log.format.write(record, line);
  log.target.finish(line);
  buffer.add(line.size());
  begin_timer();
}

void AccessLogs::write_text(const stats::LogTarget& target, std::string_view text, stats::LogLevel level) {
  if (!target.takes(level)) return;
  stats::AccessBuffer& buffer = buffer_of(target);
  stats::LogLine line(buffer.room(), date_);
  target.write_header(level, wall_time(loop_.now()), {}, line);
  line.hash_escaped(text, stats::LogLine::Hashed::kControls, false);
  target.finish(line);
  buffer.add(line.size());
  begin_timer();
}

std::string_view AccessLogs::text(const stats::HaproxyFormat& format, const stats::AccessRecord& record,
                                  std::span<char> room) {
  stats::LogLine line(room, date_);
  format.write(record, line);
  return line.written();
}

void AccessLogs::begin_timer() {
  if (has_lines_) return;
  has_lines_ = true;
  loop_.start_timer(timer_, kOldest);
}

stats::AccessBuffer& AccessLogs::buffer_of(const stats::LogTarget& target) {
  for (const auto& buffer : buffers_) {
    if (buffer->channel() == target.channel) return *buffer;
  }
  return *buffers_.emplace_back(std::make_unique<stats::AccessBuffer>(target.channel));
}

void AccessLogs::hand_over() {
  has_lines_ = false;
  for (const auto& buffer : buffers_) buffer->hand_over();
}

void AccessLogs::on_timer() {
  if (!has_lines_) {
    buffers_.clear();
    return;
  }
  // A log of an earlier configuration is used up once its last requests have ended.
  std::erase_if(buffers_, [](const auto& buffer) { return buffer->is_empty(); });
  hand_over();
  loop_.start_timer(timer_, kUnused);
}

stats::WallTime AccessLogs::wall_time(TimePoint at) {
  if (looked_at_ != loop_.now()) {
    looked_at_ = loop_.now();
    wall_ = std::chrono::floor<Microseconds>(std::chrono::system_clock::now());
  }
  return wall_ - std::chrono::duration_cast<Microseconds>(looked_at_ - at);
}

}  // namespace reseal::proxy
