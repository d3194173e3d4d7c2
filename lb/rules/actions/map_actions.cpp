// Changing maps and files of patterns while they are used: set-map, del-map, add-acl, del-acl.
#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/pattern_file.h"

namespace reseal::rules::actions {
namespace {

enum class What : std::uint8_t { kPut, kAdd, kRemove };

class ChangeFile final : public Action {
 public:
  ChangeFile(What what, std::shared_ptr<expression::PatternFile> file, expression::Format key,
             expression::Format value)
      : what_(what), file_(std::move(file)), key_(std::move(key)), value_(std::move(value)) {}

  // What cannot be done (a key that is no pattern, a file that is full) is passed over, as with HAProxy, and counted.
  Verdict run(Run& run) const override {
    if (!file_->is_loaded()) return {};  // nothing looks into it
    const std::string_view key = key_.render(run.context, run.arena, expression::Format::Use::kText);
    const Change done = change(key, run);
    if (done == Change::kFull || done == Change::kWrong) file_->note_refused();
    return {};
  }
  [[nodiscard]] std::uint8_t needs() const override { return key_.needs() | value_.needs(); }

 private:
  using Change = expression::PatternFile::Change;
  Change change(std::string_view key, Run& run) const {
    switch (what_) {
      case What::kPut:
        return file_->put(key, value_.render(run.context, run.arena, expression::Format::Use::kText));
      case What::kAdd:
        return file_->add_if_new(key);
      case What::kRemove:
        return file_->remove(key);
    }
    return Change::kDone;
  }

  What what_;
  std::shared_ptr<expression::PatternFile> file_;
  expression::Format key_, value_;
};

template <What kWhat>
Compiled<std::unique_ptr<Action>> read_change(ActionWords& words) {
  const auto path = words.argument_of_name();
  if (!path || path->empty())
    return words.error("'" + words.name() + "' needs a file, such as set-map(/etc/haproxy/hosts.map)");
  auto file = words.changing_file(*path);
  if (!file) return std::unexpected(file.error());
  auto key = words.take_format("a key");
  if (!key) return std::unexpected(key.error());
  expression::Format value;
  if (kWhat == What::kPut) {
    auto text = words.take_format("a value");
    if (!text) return std::unexpected(text.error());
    value = std::move(*text);
  }
  return std::make_unique<ChangeFile>(kWhat, std::move(*file), std::move(*key), std::move(value));
}

constexpr std::uint8_t kHttp = kHttpRequest | kHttpResponse;

constexpr ActionRow kRows[] = {
    {"add-acl", kHttp, read_change<What::kAdd>},
    {"del-acl", kHttp, read_change<What::kRemove>},
    {"del-map", kHttp, read_change<What::kRemove>},
    {"set-map", kHttp, read_change<What::kPut>},
};

}  // namespace

std::span<const ActionRow> map_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
