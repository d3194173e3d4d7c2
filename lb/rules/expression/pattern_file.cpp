#include "lb/rules/expression/pattern_file.h"

#include <mutex>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/environment.h"

namespace reseal::rules::expression {
namespace {

/// Calls `use(key, value, number)` for each line, until it returns false.
template <class Use>
void for_each_entry(std::string_view text, bool has_values, Use use) {
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    const std::size_t end = has_values ? std::min(line.find_first_of(" \t"), line.size()) : line.size();
    return use(line.substr(0, end), trim_blanks(line.substr(end)), number);
  });
}

}  // namespace

void PatternFile::load(std::string text, bool has_values) {
  text_ = std::move(text);
  has_values_ = has_values;
  is_loaded_ = true;
}

std::expected<const PatternView*, std::string> PatternFile::view(PatternView::Reading reading) {
  for (const auto& view : views_) {
    if (view->reading_ == reading) return view.get();
  }
  auto view = std::make_unique<PatternView>(*this, reading);
  std::string wrong;
  for_each_entry(text_, has_values_, [&](std::string_view key, std::string_view value, std::size_t number) {
    const auto added = view->load_line(key, value);
    if (!added) wrong = "line " + std::to_string(number) + ": " + added.error();
    return added.has_value();
  });
  if (!wrong.empty()) return std::unexpected(wrong);
  view->seal();
  views_.push_back(std::move(view));
  return views_.back().get();
}

void PatternFile::make_changeable() {
  if (is_changeable()) return;
  const std::unique_lock lock(mutex_);
  if (is_changeable()) return;
  for (const auto& view : views_) view->make_changeable();
  for_each_entry(text_, has_values_, [&](std::string_view key, std::string_view value, std::size_t) {
    const std::uint64_t number = next_++;
    const auto line = lines_.emplace_hint(lines_.end(), number, Line{std::string(key), std::string(value)});
    by_key_.emplace(compared(line->second.key), number);
    bytes_ += key.size() + value.size();
    for (const auto& view : views_) {
      if (auto pattern = view->prepare(key))
        view->changing_->add(std::move(*pattern), number);  // it was loaded once
    }
    return true;
  });
  for (const auto& view : views_) view->changing_->note_read();
  read_lines_ = lines_.size();
  read_bytes_ = bytes_;
  is_changeable_.store(true, std::memory_order_release);
}

bool PatternFile::has_room(std::size_t bytes) const {
  const bool in_order =
      std::ranges::any_of(views_, [](const auto& view) { return view->changing_->is_in_order(); });
  return lines_.size() < read_lines_ + (in_order ? kMostAddedInOrder : kMostAdded) &&
         bytes_ + bytes <= read_bytes_ + kMostAddedBytes;
}

std::optional<PatternFile::Prepared> PatternFile::prepare(std::string_view key,
                                                          std::string_view value) const {
  Prepared patterns;
  for (const auto& view : views_) {
    auto pattern = view->prepare(key);
    if (!pattern || !view->value_of(value)) return std::nullopt;
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

PatternFile::Change PatternFile::add_locked(std::string_view key, std::string_view value, Prepared patterns) {
  if (!has_room(key.size() + value.size())) return Change::kFull;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    if (!views_[i]->changing_->has_room_for(patterns[i])) return Change::kFull;
  }
  const std::uint64_t number = next_++;
  for (std::size_t i = 0; i < views_.size(); ++i) views_[i]->changing_->add(std::move(patterns[i]), number);
  const auto line = lines_.emplace_hint(lines_.end(), number, Line{std::string(key), std::string(value)});
  by_key_.emplace(compared(line->second.key), number);
  bytes_ += key.size() + value.size();
  return Change::kDone;
}

std::string PatternFile::compared(std::string_view key) const {
  const bool ignores_case = !views_.empty() && std::ranges::all_of(views_, [](const auto& view) {
    return view->reading_.ignore_case;
  });
  return ignores_case ? lowered(key) : std::string(key);
}

bool PatternFile::has_regexes() const {
  return std::ranges::any_of(views_, [](const auto& view) { return view->reading_.match == Match::kRegex; });
}

PatternFile::Change PatternFile::set_locked(std::string_view key, std::string_view value) {
  const auto [first, last] = by_key_.equal_range(compared(key));
  if (first == last) return Change::kNoSuchKey;
  for (const auto& view : views_) {
    if (!view->value_of(value)) return Change::kWrong;
  }
  for (auto each = first; each != last; ++each) {
    std::string& old = lines_.at(each->second).value;
    if (value.size() > old.size() && bytes_ + value.size() - old.size() > read_bytes_ + kMostAddedBytes)
      return Change::kFull;
    bytes_ = bytes_ - old.size() + value.size();
    old = value;
  }
  return Change::kDone;
}

void PatternFile::drop(std::map<std::uint64_t, Line>::iterator line) {
  for (const auto& view : views_) view->changing_->remove(line->second.key, line->first);
  bytes_ -= line->second.key.size() + line->second.value.size();
  lines_.erase(line);
}

PatternFile::Change PatternFile::add(std::string_view key, std::string_view value) {
  make_changeable();
  auto patterns = prepare(key, value);
  if (!patterns) return Change::kWrong;
  const std::unique_lock lock(mutex_);
  return add_locked(key, value, std::move(*patterns));
}

PatternFile::Change PatternFile::set(std::string_view key, std::string_view value) {
  make_changeable();
  const std::unique_lock lock(mutex_);
  return set_locked(key, value);
}

PatternFile::Change PatternFile::put(std::string_view key, std::string_view value) {
  make_changeable();
  {
    const std::unique_lock lock(mutex_);
    const Change done = set_locked(key, value);
    if (done != Change::kNoSuchKey) return done;
    if (!has_room(key.size() + value.size())) return Change::kFull;
  }
  auto patterns = prepare(key, value);
  if (!patterns) return Change::kWrong;
  const std::unique_lock lock(mutex_);
  // Another one may have put it there meanwhile.
  const Change done = set_locked(key, value);
  return done == Change::kNoSuchKey ? add_locked(key, value, std::move(*patterns)) : done;
}

PatternFile::Change PatternFile::add_if_new(std::string_view key) {
  make_changeable();
  const std::string name = compared(key);
  {
    // What is there already, as with a client that comes again and again, stops nobody else.
    const std::shared_lock lock(mutex_);
    if (by_key_.contains(name)) return Change::kDone;
    if (!has_room(key.size())) return Change::kFull;
  }
  auto patterns = prepare(key, {});
  if (!patterns) return Change::kWrong;
  const std::unique_lock lock(mutex_);
  return by_key_.contains(name) ? Change::kDone : add_locked(key, {}, std::move(*patterns));
}

PatternFile::Change PatternFile::remove(std::string_view key) {
  make_changeable();
  const std::unique_lock lock(mutex_);
  std::vector<std::uint64_t> numbers;
  const auto [first, last] = by_key_.equal_range(compared(key));
  for (auto each = first; each != last; ++each) numbers.push_back(each->second);
  by_key_.erase(first, last);
  for (const std::uint64_t number : numbers) drop(lines_.find(number));
  return numbers.empty() ? Change::kNoSuchKey : Change::kDone;
}

void PatternFile::clear() {
  make_changeable();
  const std::unique_lock lock(mutex_);
  for (const auto& view : views_) view->make_changeable();
  by_key_.clear();
  lines_.clear();
  bytes_ = 0;
}

void PatternFile::each(
    const std::function<bool(std::uint64_t, const std::string&, const std::string&)>& use) {
  if (!is_changeable()) {
    std::uint64_t id = 0;
    for_each_entry(text_, has_values_, [&](std::string_view key, std::string_view value, std::size_t) {
      return use(id++, std::string(key), std::string(value));
    });
    return;
  }
  const std::shared_lock lock(mutex_);
  for (const auto& [number, line] : lines_) {
    if (!use(number, line.key, line.value)) return;
  }
}

std::shared_ptr<PatternFile> PatternFiles::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<PatternFile> PatternFiles::at(const std::string& path) {
  auto& file = files_[path];
  if (file == nullptr) file = std::make_shared<PatternFile>(path);
  return file;
}

std::expected<std::shared_ptr<const PatternView>, std::string> open_pattern_file(
    const Environment& environment, const std::string& path, PatternView::Reading reading, bool has_values) {
  if (environment.files == nullptr || environment.pattern_files == nullptr)
    return std::unexpected("files are not available here");
  const auto file = environment.pattern_files->at(path);
  if (!file->is_loaded()) {
    auto text = environment.files->read(path);
    if (!text) return std::unexpected(text.error());
    file->load(std::move(*text), has_values);
  }
  if (file->has_values() != has_values) {
    return std::unexpected(std::string("its lines are used as ") +
                           (has_values ? "patterns elsewhere, and here as keys with values"
                                       : "keys with values elsewhere (-M says so), and here as patterns"));
  }
  const auto view = file->view(reading);
  if (!view) return std::unexpected(view.error());
  return std::shared_ptr<const PatternView>(file, *view);
}

}  // namespace reseal::rules::expression
