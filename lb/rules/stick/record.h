// What an entry of a stick table holds, as a view of its memory: cells of 32 bits, laid out by the table's definition. Whoever
// has one keeps others out (Table::Locked).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "lb/rules/stick/definition.h"
#include "lb/rules/stick/rate.h"

namespace reseal::rules::stick {

/// One piece of data: of an array one element.
struct Field {
  DataType type{};
  std::uint32_t element = 0;
};

/// Where each piece is. Immutable.
class Layout {
 public:
  explicit Layout(const Definition& definition);

  struct Column {
    std::uint16_t first = 0;     ///< cell
    std::uint16_t elements = 0;  ///< 0: not stored
    std::uint32_t period = 0;
  };
  [[nodiscard]] const Column& column(DataType type) const { return columns_[static_cast<std::size_t>(type)]; }
  [[nodiscard]] bool stores(Field field) const { return field.element < column(field.type).elements; }
  /// Of an entry.
  [[nodiscard]] std::size_t cells() const { return cells_; }

 private:
  std::array<Column, kDataTypes> columns_{};
  std::size_t cells_ = 0;
};

class Record {
 public:
  Record() = default;
  /// `now` in milliseconds, as Rate has it.
  Record(const Layout& layout, std::uint32_t* cells, std::uint32_t now)
      : layout_(&layout), cells_(cells), now_(now) {}

  [[nodiscard]] bool stores(Field field) const { return layout_->stores(field); }
  /// A number, or events in a period; nothing where it is not stored.
  [[nodiscard]] std::optional<std::uint64_t> value(Field field) const;
  /// Counts: the new number, or of a rate the events of the period under way; nothing where it is not stored.
  std::optional<std::uint64_t> add(Field field, std::uint64_t count);
  /// Of numbers; false where it is not stored.
  bool set(Field field, std::uint64_t value);

 private:
  [[nodiscard]] std::uint32_t* cell_of(Field field) const;

  const Layout* layout_ = nullptr;
  std::uint32_t* cells_ = nullptr;
  std::uint32_t now_ = 0;
};

}  // namespace reseal::rules::stick
