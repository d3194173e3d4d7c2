#include "lb/config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "lb/config/config_error.h"
#include "lb/config/text_guard.h"

namespace reseal::config {
namespace {

constexpr std::string_view kMergeKey = "<<";

Place place_of(const YAML::Mark& mark) {
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

/// Leaves the parser, which knows no other way; caught in parse_yaml.
struct Refused {
  YamlError error;
};

[[noreturn]] void refuse(Place place, std::string message) {
  throw Refused{{place, std::move(message)}};
}

/// What is most often meant by the mistakes that the parser has no words for.
std::string_view hint_for(std::string_view message) {
  if (message.find("anchor is not defined") != message.npos)
    return "; a value that begins with '*' or '&' is written in quotes, such as \"*:443\"";
  if (message.find("end of map not found") != message.npos ||
      message.find("illegal map value") != message.npos)
    return "; is a line indented by a tab, or further in or out than its neighbours?";
  return {};
}

/// Plain texts and quoted ones, and YAML's own types: every value is read by what its key expects anyway.
bool is_known_tag(const std::string& tag) {
  constexpr std::string_view kOwn = "tag:yaml.org,2002:";
  constexpr std::string_view kNames[] = {"str", "int", "float", "bool", "null", "seq", "map"};
  if (tag.empty() || tag == "?" || tag == "!") return true;
  return tag.starts_with(kOwn) && std::ranges::count(kNames, std::string_view(tag).substr(kOwn.size())) != 0;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::vector<YamlError>& errors) : errors_(errors) {}

  std::shared_ptr<const YamlNode> take_root() { return std::move(root_); }
  [[nodiscard]] bool has_root() const { return root_ != nullptr; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // Nothing stands nowhere: the parser's mark is already at what follows, often in the next line.
    const bool is_value = !stack_.empty() && stack_.back().has_key;
    leaf(is_value ? stack_.back().key_place : place_of(mark), anchor, YamlNode::Kind::kNull, "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    leaf(place_of(mark), anchor, YamlNode::Kind::kScalar, value);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) refuse(place_of(mark), "an alias within the very value it stands for");
    add(place_of(mark), known->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    // The rest is of a map only.
    std::unordered_map<std::string, Place> keys{};  // all so far, `<<` too
    std::string key{};                              // the one whose value comes next
    Place key_place{};
    bool has_key = false;
    bool key_is_second = false;                             // it is there already: its value is dropped
    std::vector<std::shared_ptr<const YamlNode>> merged{};  // values of `<<`
  };

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (is_known_tag(tag)) return;
    errors_.push_back({place_of(mark), "the tag '" + tag + "' is not known; accepted: none"});
  }

  void leaf(Place place, YAML::anchor_t anchor, YamlNode::Kind kind, const std::string& text) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->place = place;
    node->text = text;
    if (anchor != 0) anchors_[anchor] = node;
    add(place, node);
  }

  /// The parser calls itself for every level right after this event, so this is what bounds its stack.
  void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (stack_.size() >= kMostDepth) refuse(place_of(mark), kTooDeep);
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->place = place_of(mark);
    stack_.push_back({std::move(node), anchor});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    for (const auto& source : done.merged) merge(*source, done);
    std::shared_ptr<const YamlNode> node = std::move(done.node);
    if (done.anchor != 0) anchors_[done.anchor] = node;
    add(node->place, node);
  }

  /// `<<: *defaults` or a list of such: keys that the map has itself win, then the earlier source.
  void merge(const YamlNode& source, Open& into) {
    if (source.is_sequence()) {
      for (const auto& item : source.items) merge(*item, into);
      return;
    }
    if (!source.is_map()) {
      errors_.push_back({source.place, std::string("`<<` is ") + source.kind_text() + "; accepted: maps"});
      return;
    }
    for (const YamlNode::Entry& entry : source.entries) {
      if (!into.keys.emplace(entry.key, entry.key_place).second) continue;
      grow(*into.node, *entry.value, entry.key_place);
      into.node->entries.push_back(entry);
    }
  }

  static void grow(YamlNode& parent, const YamlNode& child, Place place) {
    parent.weight += child.weight;
    parent.depth = std::max(parent.depth, child.depth + 1);
    if (parent.weight > kMostNodes) refuse(place, kTooManyNodes);
    if (parent.depth > kMostDepth) refuse(place, kTooDeep);
  }

  void add(Place place, const std::shared_ptr<const YamlNode>& node) {
    if (stack_.empty()) {
      root_ = node;
      return;
    }
    Open& parent = stack_.back();
    if (parent.node->is_map() && !parent.has_key) {
      begin_entry(parent, place, *node);
      return;
    }
    grow(*parent.node, *node, place);
    parent.has_key = false;
    if (parent.node->is_sequence()) {
      parent.node->items.push_back(node);
    } else if (parent.key_is_second) {
      return;
    } else if (parent.key == kMergeKey) {
      parent.merged.push_back(node);
    } else {
      parent.node->entries.push_back({parent.key, parent.key_place, node});
    }
  }

  void begin_entry(Open& map, Place place, const YamlNode& key) {
    if (!key.is_scalar()) refuse(place, "a key must be a plain text");
    const auto [first, is_new] = map.keys.emplace(key.text, place);
    if (!is_new) {
      errors_.push_back({place, "the key '" + key.text + "' is here twice; it stands in " +
                                    in_words(first->second) + " already"});
    }
    map.key = key.text;
    map.key_place = place;
    map.has_key = true;
    map.key_is_second = !is_new;
  }

  std::vector<YamlError>& errors_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::shared_ptr<const YamlNode>> anchors_;
  std::shared_ptr<const YamlNode> root_;
};

/// Throws what yaml-cpp throws, and Refused.
std::shared_ptr<const YamlNode> parse_one_document(std::string_view text, std::vector<YamlError>& errors) {
  // A comment as the last line: yaml-cpp 0.7 takes a quote that is never closed for closed when the file ends
  // with a newline, and everything behind the quote for its text.
  std::istringstream input(std::string(text) + (text.ends_with('\n') ? "#" : "\n#"));
  YAML::Parser parser(input);
  TreeBuilder builder(errors);
  if (!parser.HandleNextDocument(builder) || !builder.has_root()) refuse({1, 1}, "the file is empty");
  TreeBuilder second(errors);
  if (parser.HandleNextDocument(second) && second.has_root()) {
    refuse(second.take_root()->place, "a second document ('---'); one is expected");
  }
  return builder.take_root();
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto entry = std::ranges::find(entries, key, &Entry::key);
  return entry != entries.end() ? entry->value.get() : nullptr;
}

const char* YamlNode::kind_text() const {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "a text";
    case Kind::kSequence:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "nothing";
}

YamlDocument parse_yaml(std::string_view text) {
  YamlDocument document;
  if (auto refused = refused_text(text)) {
    document.errors.push_back(std::move(*refused));
    return document;
  }
  const auto fail = [&document](Place place, std::string message) {
    document.errors.push_back({place, std::move(message)});
  };
  try {
    document.root = parse_one_document(text, document.errors);
  } catch (const Refused& refused) {
    fail(refused.error.place, refused.error.message);
  } catch (const YAML::Exception& error) {
    fail(place_of(error.mark), "not valid YAML: " + error.msg + std::string(hint_for(error.msg)));
  } catch (const std::exception& error) {
    fail({1, 1}, std::string("not valid YAML: ") + error.what());
  } catch (...) {
    fail({1, 1}, "not valid YAML");
  }
  return document;
}

}  // namespace reseal::config
