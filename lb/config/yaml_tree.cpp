#include "lb/config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace reseal::config {
namespace {

Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

/// Leaves the parser, which knows no other way; caught in parse_yaml.
struct Refused {
  YamlError error;
};

[[noreturn]] void refuse(Place place, std::string message) { throw Refused{{place, std::move(message)}}; }

class TreeBuilder final : public YAML::EventHandler {
 public:
  std::shared_ptr<const YamlNode> take_root() { return std::move(root_); }
  [[nodiscard]] bool has_root() const { return root_ != nullptr; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, YamlNode::Kind::kNull, "", false); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    leaf(mark, anchor, YamlNode::Kind::kScalar, value, tag == "!");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) refuse(place_of(mark), "an alias within the very value it stands for");
    add(place_of(mark), known->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor;
    std::string key;       // of a map: the key whose value comes next
    Place key_place;
    bool has_key = false;
    std::vector<std::shared_ptr<const YamlNode>> merged;  // values of `<<`
  };

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, const std::string& text, bool quoted) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->place = place_of(mark);
    node->text = text;
    node->quoted = quoted;
    if (anchor != 0) anchors_[anchor] = node;
    add(node->place, node);
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (stack_.size() >= kMostDepth) refuse(place_of(mark), "nested more than 64 levels deep");
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->place = place_of(mark);
    stack_.push_back({std::move(node), anchor, {}, {}, false, {}});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    for (const auto& source : done.merged) merge(*source, *done.node);
    std::shared_ptr<const YamlNode> node = std::move(done.node);
    if (done.anchor != 0) anchors_[done.anchor] = node;
    add(node->place, node);
  }

  /// `<<: *defaults` or a list of such: keys that the map has itself win, then the earlier source.
  void merge(const YamlNode& source, YamlNode& into) {
    if (source.is_sequence()) {
      for (const auto& item : source.items) merge(*item, into);
      return;
    }
    if (!source.is_map()) refuse(source.place, "`<<` merges maps only");
    for (const YamlNode::Entry& entry : source.entries) {
      bool known = false;
      for (const YamlNode::Entry& own : into.entries) known = known || own.key == entry.key;
      if (known) continue;
      grow(into, *entry.value);
      into.entries.push_back(entry);
    }
  }

  static void grow(YamlNode& parent, const YamlNode& child) {
    parent.weight += child.weight;
    if (parent.weight > kMostNodes) {
      refuse(child.place, "more than 500,000 values (aliases unfolded); this looks like an alias bomb");
    }
  }

  void add(Place place, const std::shared_ptr<const YamlNode>& node) {
    if (stack_.empty()) {
      root_ = node;
      return;
    }
    Open& parent = stack_.back();
    if (parent.node->is_sequence()) {
      grow(*parent.node, *node);
      parent.node->items.push_back(node);
    } else if (!parent.has_key) {
      begin_entry(parent, place, *node);
    } else {
      parent.has_key = false;
      grow(*parent.node, *node);
      if (parent.key == "<<") {
        parent.merged.push_back(node);
      } else {
        parent.node->entries.push_back({parent.key, parent.key_place, node});
      }
    }
  }

  static void begin_entry(Open& map, Place place, const YamlNode& key) {
    if (!key.is_scalar()) refuse(place, "a key must be a plain text");
    for (const YamlNode::Entry& entry : map.node->entries) {
      if (entry.key == key.text) {
        refuse(place, "the key '" + key.text + "' is here twice; it stands in line " +
                          std::to_string(entry.key_place.line) + " already");
      }
    }
    map.key = key.text;
    map.key_place = place;
    map.has_key = true;
  }

  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::shared_ptr<const YamlNode>> anchors_;
  std::shared_ptr<const YamlNode> root_;
};

}  // namespace

const char* YamlNode::kind_text() const {
  switch (kind) {
    case Kind::kNull: return "nothing";
    case Kind::kScalar: return "a text";
    case Kind::kSequence: return "a list";
    case Kind::kMap: return "a map";
  }
  return "nothing";
}

std::expected<std::shared_ptr<const YamlNode>, YamlError> parse_yaml(const std::string& text) {
  if (const std::size_t nul = text.find('\0'); nul != std::string::npos) {
    const auto line = static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(nul), '\n'));
    return std::unexpected(YamlError{{line + 1, 1}, "a NUL byte; is this a text file?"});
  }
  try {
    std::istringstream input(text);
    YAML::Parser parser(input);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder) || !builder.has_root()) {
      return std::unexpected(YamlError{{1, 1}, "the file is empty"});
    }
    auto root = builder.take_root();
    TreeBuilder second;
    if (parser.HandleNextDocument(second) && second.has_root()) {
      return std::unexpected(YamlError{second.take_root()->place, "a second document ('---'); one is expected"});
    }
    return root;
  } catch (const Refused& refused) {
    return std::unexpected(refused.error);
  } catch (const YAML::Exception& error) {
    return std::unexpected(YamlError{place_of(error.mark), "not valid YAML: " + error.msg});
  } catch (const std::exception& error) {
    return std::unexpected(YamlError{{1, 1}, std::string("not valid YAML: ") + error.what()});
  }
}

}  // namespace reseal::config
