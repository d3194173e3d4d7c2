#include "lb/haproxy/modern_line.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "lb/base/text.h"

namespace reseal::haproxy {
namespace {

/// `count` words in front become `words`.
struct Replacement {
  std::string_view first;
  std::string_view second;  ///< empty: the first alone is replaced
  std::string_view words;
};

constexpr Replacement kReplacements[] = {
    {"clitimeout", "", "timeout client"},
    {"contimeout", "", "timeout connect"},
    {"srvtimeout", "", "timeout server"},
    {"timeout", "clitimeout", "timeout client"},
    {"timeout", "contimeout", "timeout connect"},
    {"timeout", "srvtimeout", "timeout server"},
    {"redispatch", "", "option redispatch"},
    {"redisp", "", "option redispatch"},
    {"block", "", "http-request deny"},
    {"option", "forceclose", "option httpclose"},
    {"option", "accept-invalid-http-req", "option accept-invalid-http-request"},
    {"option", "tcpsplice", "option splice-auto"},
};

Word word_at(const Word& from, std::string_view text) {
  Word word = from;
  word.text = text;
  return word;
}

void add_words(std::vector<Word>& words, const Word& from, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(word_at(from, text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// "reqadd X-A:\ b if c" says "http-request add-header X-A b if c"; its text is no format.
std::optional<Line> with_added_field(const Line& line, std::string_view list) {
  if (line.words.size() < 2) return std::nullopt;
  const Word& field = line.words[1];
  const std::size_t colon = field.text.find(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  std::string value;
  for (const char c : trim_blanks(std::string_view(field.text).substr(colon + 1)))
    value += c == '%' ? "%%" : std::string(1, c);
  Line made = line;
  made.words.clear();
  add_words(made.words, line.words[0], list);
  made.words.push_back(word_at(field, std::string_view(field.text).substr(0, colon)));
  made.words.push_back(word_at(field, value));
  made.words.insert(made.words.end(), line.words.begin() + 2, line.words.end());
  return made;
}

}  // namespace

std::optional<Line> modern_line(const Line& line) {
  const std::string& first = line.words.front().text;
  if (first == "reqadd") return with_added_field(line, "http-request add-header");
  if (first == "rspadd") return with_added_field(line, "http-response add-header");
  const std::string_view second = line.words.size() > 1 ? std::string_view(line.words[1].text) : "";
  const auto* const row = std::ranges::find_if(kReplacements, [&](const Replacement& each) {
    return each.first == first && (each.second.empty() || each.second == second);
  });
  if (row == std::end(kReplacements)) return std::nullopt;
  Line made = line;
  made.words.clear();
  add_words(made.words, line.words[0], row->words);
  made.words.insert(made.words.end(), line.words.begin() + (row->second.empty() ? 1 : 2), line.words.end());
  return made;
}

std::string_view outlived(const Line& line) {
  const std::string& first = line.words.front().text;
  const std::string_view second = line.words.size() > 1 ? std::string_view(line.words[1].text) : "";
  if (first == "nbproc") return "one process with threads serves; 'nbthread' says how many";
  if (first == "grace")
    return "a process that finishes takes no new connections; 'hard-stop-after' says how long it may take";
  if (first == "option" && second == "http-use-htx") return "it is always so";
  if (first == "debug") return "the command line's -d does it";
  return {};
}

}  // namespace reseal::haproxy
