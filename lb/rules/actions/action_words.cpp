#include "lb/rules/actions/action_words.h"

#include <algorithm>

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::rules::actions {
namespace {

bool begins_condition(std::string_view word) {
  return word == "if" || word == "unless";
}

}  // namespace

std::optional<std::string_view> ActionWords::argument_of_name() const {
  const std::string_view name = words_.front();
  const std::size_t open = name.find('(');
  if (open == std::string_view::npos || !name.ends_with(')')) return std::nullopt;
  return name.substr(open + 1, name.size() - open - 2);
}

bool ActionWords::at_end() const {
  return at_ >= words_.size() || begins_condition(words_[at_]);
}

bool ActionWords::take_if(std::string_view word) {
  if (at_end() || words_[at_] != word) return false;
  ++at_;
  return true;
}

Compiled<std::string> ActionWords::take(std::string_view what) {
  if (at_end()) {
    return std::unexpected(CompileError{"'" + words_.front() + "' needs " + std::string(what),
                                        std::min(at_, words_.size() - 1), 0});
  }
  return words_[at_++];
}

namespace {

template <class T>
Compiled<T> at_word(Compiled<T> compiled, std::size_t word) {
  if (!compiled) compiled.error().word = word;
  return compiled;
}

}  // namespace

Compiled<expression::Format> ActionWords::format(std::string_view text) const {
  return at_word(compiler_.format(text), at_ - 1);
}

Compiled<expression::Expression> ActionWords::expression(std::string_view text) const {
  return at_word(compiler_.expression(text), at_ - 1);
}

Compiled<std::shared_ptr<stick::Table>> ActionWords::table(const std::string& name) const {
  if (environment_.tables == nullptr) return error("stick tables are not available here");
  auto table = name.empty() ? environment_.tables->own() : environment_.tables->find(name);
  if (table != nullptr) return table;
  return error(name.empty() ? "this section has no stick table: name the one that is meant"
                            : "there is no stick table '" + name + "'");
}

Compiled<expression::Format> ActionWords::take_format(std::string_view what) {
  const auto text = take(what);
  if (!text) return std::unexpected(text.error());
  return format(*text);
}

Compiled<expression::Expression> ActionWords::take_expression(std::string_view what) {
  const auto text = take(what);
  if (!text) return std::unexpected(text.error());
  return expression(*text);
}

Compiled<expression::Expression> ActionWords::take_rest_as_expression(std::string_view what) {
  const std::size_t first = at_;
  auto text = take(what);
  if (!text) return std::unexpected(text.error());
  while (!at_end()) *text += words_[at_++];
  return at_word(compiler_.expression(*text), first);
}

Compiled<std::shared_ptr<const expression::Regex>> ActionWords::take_regex(bool ignore_case) {
  const auto text = take("a regular expression");
  if (!text) return std::unexpected(text.error());
  auto regex = expression::Regex::compile(*text, ignore_case);
  if (!regex) return error(std::move(regex.error()));
  return std::move(*regex);
}

Compiled<std::string> ActionWords::take_field_name() {
  auto name = take("the name of a field");
  if (name && (name->empty() || !http::all_chars(*name, http::kTokenChar)))
    return error("'" + *name + "' is not the name of a field");
  return name;
}

Compiled<int> ActionWords::take_status(int least, int most) {
  const auto text = take("a status");
  if (!text) return std::unexpected(text.error());
  const auto number = parse_decimal(*text);
  if (!number || *number < static_cast<std::uint64_t>(least) || *number > static_cast<std::uint64_t>(most)) {
    return error("'" + *text + "' is no status (accepted: " + std::to_string(least) + " to " +
                 std::to_string(most) + ")");
  }
  return static_cast<int>(*number);
}

Compiled<std::shared_ptr<expression::PatternFile>> ActionWords::changing_file(std::string_view path) const {
  if (environment_.pattern_files == nullptr) return error("files are not available here");
  auto file = environment_.pattern_files->at(std::string(path));
  file->expect_changes();
  return file;
}

Compiled<std::string> ActionWords::read_file(const std::string& path) const {
  if (environment_.files == nullptr) return error("files cannot be read here");
  auto text = environment_.files->read(path);
  if (!text) return error(path + ": " + text.error());
  if (text->size() > StaticBody::kMostBytes) {
    return error(path + " is larger than " + std::to_string(StaticBody::kMostBytes / 1024) +
                 " KiB, the most that an answer may have");
  }
  return std::move(*text);
}

Compiled<expression::VariableId> ActionWords::variable(std::string_view name) const {
  if (environment_.variables == nullptr) return error("variables are not available here");
  const auto id = environment_.variables->id_of(name);
  if (!id) return error(id.error());
  return *id;
}

std::unexpected<CompileError> ActionWords::error(std::string message) const {
  return std::unexpected(CompileError{std::move(message), at_ == 0 ? 0 : at_ - 1, 0});
}

std::unexpected<CompileError> ActionWords::unexpected_word(std::string_view accepted) const {
  return std::unexpected(CompileError{
      "'" + words_[at_] + "' is not expected here (accepted: " + std::string(accepted) + ")", at_, 0});
}

}  // namespace reseal::rules::actions
