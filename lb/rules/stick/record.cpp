#include "lb/rules/stick/record.h"

#include <cstring>

namespace reseal::rules::stick {
namespace {

using Kind = DataRow::Kind;

template <class T>
T load(const std::uint32_t* cell) {
  T value;
  std::memcpy(static_cast<void*>(&value), cell, sizeof value);
  return value;
}
template <class T>
void store(std::uint32_t* cell, const T& value) {
  std::memcpy(cell, &value, sizeof value);
}
static_assert(sizeof(Rate) == 3 * sizeof(std::uint32_t));

}  // namespace

Layout::Layout(const Definition& definition) {
  for (const Stored& stored : definition.stored) {
    Column& column = columns_[static_cast<std::size_t>(stored.type)];
    column = {static_cast<std::uint16_t>(cells_), static_cast<std::uint16_t>(stored.elements), stored.period};
    cells_ += stored.elements * data_row(stored.type).cells();
  }
}

std::uint32_t* Record::cell_of(Field field) const {
  return cells_ + layout_->column(field.type).first + field.element * data_row(field.type).cells();
}

std::optional<std::uint64_t> Record::value(Field field) const {
  if (!stores(field)) return std::nullopt;
  const std::uint32_t* cell = cell_of(field);
  switch (data_row(field.type).kind) {
    case Kind::kNumber:
      return *cell;
    case Kind::kLongNumber:
      return load<std::uint64_t>(cell);
    case Kind::kRate:
      break;
  }
  return load<Rate>(cell).per_period(now_, layout_->column(field.type).period);
}

std::optional<std::uint64_t> Record::add(Field field, std::uint64_t count) {
  if (!stores(field)) return std::nullopt;
  std::uint32_t* cell = cell_of(field);
  switch (data_row(field.type).kind) {
    case Kind::kNumber:
      return *cell += static_cast<std::uint32_t>(count);
    case Kind::kLongNumber: {
      const std::uint64_t sum = load<std::uint64_t>(cell) + count;
      store(cell, sum);
      return sum;
    }
    case Kind::kRate:
      break;
  }
  auto rate = load<Rate>(cell);
  rate.add(static_cast<std::uint32_t>(count), now_, layout_->column(field.type).period);
  store(cell, rate);
  return rate.current();
}

bool Record::set(Field field, std::uint64_t value) {
  if (!stores(field)) return false;
  std::uint32_t* cell = cell_of(field);
  if (data_row(field.type).kind == Kind::kNumber) {
    *cell = static_cast<std::uint32_t>(value);
  } else {
    store(cell, value);
  }
  return true;
}

}  // namespace reseal::rules::stick
