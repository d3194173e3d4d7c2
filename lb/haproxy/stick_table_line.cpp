#include "lb/haproxy/stick_table_line.h"

#include <algorithm>
#include <array>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"

namespace reseal::haproxy {
namespace {

using rules::stick::data_row;
using rules::stick::DataRow;
using rules::stick::DataType;
using rules::stick::Definition;
using rules::stick::key_rows;
using rules::stick::KeyRow;
using rules::stick::KeyType;
using rules::stick::Stored;

class Reader {
 public:
  Reader(Translator& translator, const Line& line) : translator_(translator), line_(line) {}

  std::optional<Definition> run() {
    while (at_ < line_.words.size()) read_word(line_.words[at_].text);
    if (failed_) return std::nullopt;
    if (!has_type_) error(0, "'stick-table' needs a type: 'type' and " + type_names() + " behind it");
    if (table_.size == 0 && !failed_)
      error(0, "'stick-table' needs a size: 'size' and a number of entries behind it");
    check_rivals();
    return failed_ ? std::nullopt : std::optional(std::move(table_));
  }

 private:
  void error(std::size_t word, const std::string& message) {
    translator_.error(line_, word, message);
    failed_ = true;
  }
  /// The word behind the present one; empty, and told, if there is none.
  std::string take(const char* what) {
    const std::string text = translator_.argument(line_, at_ + 1, what);
    if (text.empty()) failed_ = true;
    at_ += 2;
    return text;
  }
  [[nodiscard]] std::size_t taken() const { return at_ - 1; }
  static std::string type_names() {
    std::string names;
    for (const KeyRow& type : key_rows()) names += (names.empty() ? "" : ", ") + std::string(type.name);
    return names;
  }

  void read_word(const std::string& word) {
    if (word == "type") {
      read_type();
    } else if (word == "size") {
      const std::string text = take("a number of entries");
      if (text.empty()) return;
      const auto size = parse_size(text);
      if (!size || *size > Definition::kMostEntries) {
        error(taken(), size ? "a size of more than 4g entries" : size.error());
      } else {
        table_.size = *size;
      }
    } else if (word == "expire") {
      const std::string text = take("a time");
      if (text.empty()) return;
      const auto time = parse_time(text);
      if (!time) return error(taken(), time.error());
      table_.expire = *time;
    } else if (word == "store") {
      const std::string text = take("a list of data types");
      if (!text.empty()) read_store(text);
    } else if (word == "nopurge") {
      table_.nopurge = true;
      ++at_;
    } else if (word == "srvkey") {
      read_server_key();
    } else if (word == "peers") {
      (void)take("a name");
      translator_.notice_once(
          line_, "'peers' of a stick table has no effect: tables are reseal's own, and kept over reloads");
    } else {
      error(at_, "unknown word '" + word + "' after 'stick-table'" +
                     did_you_mean(word, {"type", "size", "expire", "store", "nopurge", "srvkey", "peers"}));
      at_ = line_.words.size();
    }
  }

  void read_type() {
    const std::string name = take(("one of " + type_names()).c_str());
    const auto type = std::ranges::find(key_rows(), name, &KeyRow::name);
    if (type == key_rows().end()) {
      if (!name.empty()) error(taken(), "'" + name + "' is not a type of keys: " + type_names() + " are");
      return;
    }
    has_type_ = true;
    table_.type = type->type;
    table_.key_bytes = type->bytes;
    const bool has_length = type->type == KeyType::kString || type->type == KeyType::kBinary;
    if (!has_length || at_ >= line_.words.size() || line_.words[at_].text != "len") return;
    const std::string text = take("a number of bytes");
    if (text.empty()) return;
    const auto bytes = parse_number(text, 1, static_cast<int>(Definition::kMostKeyBytes));
    if (!bytes) return error(taken(), bytes.error());
    table_.key_bytes = static_cast<std::size_t>(*bytes);
  }

  void read_server_key() {
    const std::string key = take("name or addr");
    if (key.empty()) return;
    if (key != "name" && key != "addr")
      return error(taken(), "srvkey '" + key + "': name or addr is expected");
    table_.server_key = key == "name" ? rules::stick::ServerKey::kName : rules::stick::ServerKey::kAddress;
  }

  /// "gpc0,http_req_rate(10s)"
  void read_store(std::string_view list) {
    while (!list.empty()) {
      std::size_t end = std::min(list.find_first_of(",("), list.size());
      const std::string_view name = list.substr(0, end);
      std::string_view arguments;
      if (end < list.size() && list[end] == '(') {
        const std::size_t close = list.find(')', end);
        if (close == std::string_view::npos)
          return error(taken(), "no ')' behind '" + std::string(name) + "('");
        arguments = list.substr(end + 1, close - end - 1);
        end = close + 1;
      }
      read_data(name, arguments);
      if (failed_) return;
      if (end < list.size() && list[end] != ',')
        return error(taken(), "'" + std::string(list.substr(end)) + "' where a ',' is expected");
      list.remove_prefix(std::min(end + 1, list.size()));
    }
  }

  void read_data(std::string_view name, std::string_view arguments) {
    const auto type = rules::stick::data_type(name);
    if (!type) {
      const bool is_later = name.starts_with("glitch");
      return error(taken(), "'" + std::string(name) +
                                (is_later ? "' is not there yet" : "' is not a type of data") +
                                did_you_mean(name, data_names()));
    }
    const DataRow& row = data_row(*type);
    const bool is_rate = row.kind == DataRow::Kind::kRate;
    Stored stored{*type};
    const std::string shown = "'" + std::string(name) + "'";
    if (!row.is_array && !is_rate && !arguments.empty())
      return error(taken(), shown + " takes nothing in parentheses");
    if (row.is_array) {
      const std::size_t comma = std::min(arguments.find(','), arguments.size());
      const auto count = parse_number(arguments.substr(0, comma), 1, Stored::kMostElements);
      if (!count) return error(taken(), "the number of elements of " + shown + ": " + count.error());
      stored.elements = static_cast<std::uint32_t>(*count);
      arguments.remove_prefix(std::min(comma + 1, arguments.size()));
      if (!is_rate && !arguments.empty()) return error(taken(), shown + " takes a number of elements alone");
    }
    if (is_rate) {
      if (arguments.empty())
        return error(taken(), shown + " needs a period, as in " + std::string(name) +
                                  (row.is_array ? "(2,10s)" : "(10s)"));
      const auto period = parse_time(arguments);
      if (!period) return error(taken(), "the period of " + shown + ": " + period.error());
      if (*period == Duration(0)) return error(taken(), "a period of 0 of " + shown + " counts nothing");
      stored.period = static_cast<std::uint32_t>(period->count());
    }
    if (std::ranges::find(table_.stored, *type, &Stored::type) != table_.stored.end()) {
      translator_.notice(line_, shown + " is stored already");
      return;
    }
    table_.stored.push_back(stored);
  }
  static std::vector<std::string> data_names() {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < rules::stick::kDataTypes; ++i)
      names.emplace_back(data_row(static_cast<DataType>(i)).name);
    return names;
  }

  void check_rivals() {
    if (const std::string_view names = rules::stick::rivals_among(table_.stored); !names.empty())
      error(0, std::string(names) + " of one table: the array takes the place of the others");
  }

  Translator& translator_;
  const Line& line_;
  Definition table_;
  std::size_t at_ = 1;
  bool has_type_ = false;
  bool failed_ = false;
};

}  // namespace

std::optional<Definition> read_stick_table_words(Translator& translator, const Line& line) {
  return Reader(translator, line).run();
}

}  // namespace reseal::haproxy
