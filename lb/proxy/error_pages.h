// What is sent in place of reseal's own short text for an error: a page for a status, or for a class of them.
// Immutable once built; any thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "lb/rules/static_body.h"

namespace reseal::proxy {

class ErrorPages {
 public:
  using Page = std::shared_ptr<const rules::StaticBody>;

  /// `status` is one from 400 to 599, or 4 or 5: every one of that class that has no page of its own.
  void add(int status, Page page) { pages_.emplace_back(status, std::move(page)); }

  /// Null if there is none.
  [[nodiscard]] const rules::StaticBody* find(int status) const {
    const rules::StaticBody* of_class = nullptr;
    for (const auto& [wanted, page] : pages_) {
      if (wanted == status) return page.get();
      if (wanted == status / 100) of_class = page.get();
    }
    return of_class;
  }
  [[nodiscard]] const std::vector<std::pair<int, Page>>& all() const { return pages_; }

 private:
  std::vector<std::pair<int, Page>> pages_;
};

}  // namespace reseal::proxy
