// A section of the model on its way into YAML: the other direction of value_reader. Knows no key by itself; the tables of
// schema*.cpp do. Single thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/place.h"
#include "lb/config/yaml_value.h"

namespace reseal::config {

/// Comments that stand above what was read at a place.
using CommentsAt = std::function<std::vector<std::string>(Place)>;

/// "1h", "90s", "1500ms".
std::string duration_text(Duration duration);
/// "32KiB", "1000".
std::string size_text(std::uint64_t bytes);

class SectionWriter {
 public:
  explicit SectionWriter(const CommentsAt& comments) : comments_(comments) {}

  void text(const std::string& key, std::string_view value) { add(key, YamlValue::scalar(value)); }
  void number(const std::string& key, std::int64_t value) { text(key, std::to_string(value)); }
  void boolean(const std::string& key, bool value) { text(key, value ? "true" : "false"); }
  void duration(const std::string& key, Duration value) { text(key, duration_text(value)); }
  void size(const std::string& key, std::uint64_t value) { text(key, size_text(value)); }
  void percent(const std::string& key, int value) { text(key, std::to_string(value) + '%'); }
  void texts(const std::string& key, const std::vector<std::string>& values) {
    add(key, YamlValue::list(values));
  }
  void add(const std::string& key, YamlValue value) { value_.entries.push_back({key, std::move(value), {}}); }

  /// A map of what `fill` writes; left out if that is nothing, unless `even_empty`.
  template <class Fill>
  void section(const std::string& key, const Fill& fill, bool even_empty = false) {
    SectionWriter inner(comments_);
    fill(inner);
    if (even_empty || !inner.value_.is_empty_map()) add(key, inner.take());
  }
  /// A list of maps, each as `fill(inner, element)` writes it; left out if there are none.
  template <class Elements, class Fill>
  void sections(const std::string& key, const Elements& elements, const Fill& fill) {
    YamlValue list = YamlValue::list({});
    for (const auto& element : elements) {
      SectionWriter inner(comments_);
      fill(inner, element);
      list.items.push_back(inner.take());
    }
    if (!list.items.empty()) add(key, std::move(list));
  }
  /// What follows has the comments for this place above it.
  [[nodiscard]] std::vector<std::string> comments_at(Place place) const {
    return comments_ ? comments_(place) : std::vector<std::string>();
  }
  void comment_last(std::vector<std::string> comments) {
    value_.entries.back().comments = std::move(comments);
  }
  /// The last one's value is written in lines of its own.
  void last_in_lines() { value_.entries.back().value.in_lines = true; }

  [[nodiscard]] SectionWriter nested() const { return SectionWriter(comments_); }
  [[nodiscard]] bool is_empty() const { return value_.entries.empty(); }
  YamlValue take() { return std::move(value_); }

 private:
  const CommentsAt& comments_;
  YamlValue value_;
};

}  // namespace reseal::config
