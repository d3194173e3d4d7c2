#include "lb/rules/stick/tracking.h"

#include <utility>

namespace reseal::rules::stick {
namespace {

bool is_error(int status) {
  return status / 100 == 4;
}
/// What a server does not implement says nothing of how it is.
bool is_failure(int status) {
  return status / 100 == 5 && status != 501 && status != 505;
}

}  // namespace

bool Tracking::track(std::size_t counter, const std::shared_ptr<Table>& table, std::string_view key,
                     TimePoint now) {
  if (counter >= kCounters || find(counter) != nullptr) return false;
  Table::Locked record = table->track(key, now);
  if (!record) return false;
  tracked_[counter] = {table, record.entry()};
  ++count_;
  record->add({DataType::kConnCnt}, 1);
  record->add({DataType::kConnRate}, 1);
  record->add({DataType::kConnCur}, 1);
  if (!is_http_) return true;
  record->add({DataType::kHttpReqCnt}, 1);
  record->add({DataType::kHttpReqRate}, 1);
  return true;
}

void Tracking::count(DataType number, DataType rate, std::uint64_t count, TimePoint now) const {
  if (!is_tracking() || count == 0) return;
  for (std::size_t i = 0; i < kCounters; ++i) {
    const Tracked* tracked = find(i);
    if (tracked == nullptr) continue;
    const Layout& layout = tracked->table->layout();
    if (!layout.stores({number}) && !layout.stores({rate})) continue;  // without the lock
    auto record = tracked->table->lock(*tracked->entry, now);
    record->add({number}, count);
    record->add({rate}, count);
  }
}

void Tracking::count_session(TimePoint now) const {
  count(DataType::kSessCnt, DataType::kSessRate, 1, now);
}
void Tracking::count_request(TimePoint now) const {
  count(DataType::kHttpReqCnt, DataType::kHttpReqRate, 1, now);
}
void Tracking::count_error(TimePoint now) const {
  count(DataType::kHttpErrCnt, DataType::kHttpErrRate, 1, now);
}
void Tracking::count_failure(TimePoint now) const {
  count(DataType::kHttpFailCnt, DataType::kHttpFailRate, 1, now);
}
void Tracking::count_status(int status, TimePoint now) const {
  if (is_error(status)) count_error(now);
  if (is_failure(status)) count_failure(now);
}
void Tracking::count_status_late(std::size_t counter, int status, TimePoint now) const {
  const Tracked* tracked = find(counter);
  if (tracked == nullptr || !(is_error(status) || is_failure(status))) return;
  auto record = tracked->table->lock(*tracked->entry, now);
  record->add({is_error(status) ? DataType::kHttpErrCnt : DataType::kHttpFailCnt}, 1);
  record->add({is_error(status) ? DataType::kHttpErrRate : DataType::kHttpFailRate}, 1);
}
void Tracking::count_bytes(std::uint64_t in, std::uint64_t out, TimePoint now) const {
  count(DataType::kBytesInCnt, DataType::kBytesInRate, in, now);
  count(DataType::kBytesOutCnt, DataType::kBytesOutRate, out, now);
}

void Tracking::end(TimePoint now) {
  connection_ = nullptr;
  if (count_ == 0) return;
  count_ = 0;
  for (Tracked& tracked : tracked_) {
    if (tracked.entry == nullptr) continue;
    auto record = tracked.table->lock(*tracked.entry, now);
    if (record->value({DataType::kConnCur}).value_or(0) > 0)
      record->add({DataType::kConnCur}, ~std::uint64_t{0});
    tracked.table->untrack(std::move(record));
    tracked = {};
  }
}

void Tracking::release() {
  if (count_ != 0) end(Clock::now());
}

}  // namespace reseal::rules::stick
