#include "lb/proxy/access_log.h"

namespace reseal::proxy {
namespace {

constexpr Duration kOldest{100};
// Buffers of logs that nobody writes to any more hold memory, and their file open.
constexpr Duration kUnused{10000};

}  // namespace

AccessLogs::AccessLogs(net::Loop& loop)
    : loop_(loop), timer_(net::Timer::bind<&AccessLogs::on_timer>(this)) {}

void AccessLogs::write(const AccessLog& log, const stats::AccessRecord& record) {
  buffer_of(log).write(log.format, record, date_);
  if (has_lines_) return;
  has_lines_ = true;
  loop_.start_timer(timer_, kOldest);
}

stats::AccessBuffer& AccessLogs::buffer_of(const AccessLog& log) {
  for (const auto& buffer : buffers_) {
    if (buffer->channel() == log.channel) return *buffer;
  }
  return *buffers_.emplace_back(std::make_unique<stats::AccessBuffer>(log.channel));
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
