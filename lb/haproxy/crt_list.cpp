#include "lb/haproxy/crt_list.h"

#include <algorithm>

#include "lb/base/file.h"
#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/tls_option.h"

namespace reseal::haproxy {
namespace {

constexpr std::size_t kMostBytes = 8 * 1024 * 1024;

/// One line of the file: FILE [OPTIONS] NAMES.
struct Entry {
  std::string file;
  std::vector<std::string> options;
  std::vector<std::string> names;
  std::string problem;  ///< what keeps it from being read; empty: nothing
};

Entry split_entry(std::string_view text) {
  Entry entry;
  bool in_options = false;
  while (!text.empty()) {
    const char first = text.front();
    if (first == ' ' || first == '\t' || first == '\r') {
      text.remove_prefix(1);
    } else if (first == '#') {
      break;
    } else if (first == '[' || first == ']') {
      if ((first == '[') == in_options || entry.file.empty()) {
        entry.problem = std::string("'") + first + "' is not expected here: FILE [OPTIONS] NAMES is";
        return entry;
      }
      in_options = first == '[';
      text.remove_prefix(1);
    } else {
      const std::size_t end = std::min(text.find_first_of(in_options ? " \t\r]" : " \t\r["), text.size());
      const std::string word(text.substr(0, end));
      text.remove_prefix(end);
      if (entry.file.empty()) {
        entry.file = word;
      } else {
        (in_options ? entry.options : entry.names).push_back(in_options ? word : lowered(word));
      }
    }
  }
  if (in_options) entry.problem = "the options begin with '[' and do not end";
  return entry;
}

/// The options of an entry as the words of a line, which stands where the list is named. True: alpn is among them.
bool read_options(Translator& translator, const Line& at, std::size_t word, const Entry& entry,
                  config::TlsSettings& settings) {
  Line line = at;
  line.words.clear();
  for (const std::string& option : entry.options) {
    line.words.push_back(at.words[word]);
    line.words.back().text = option;
  }
  bool says_alpn = false;
  for (std::size_t next = 0; next < line.words.size(); ++next) {
    TlsOptionReader reader{translator, line, next, settings, says_alpn};
    if (read_tls_option(reader)) continue;
    report_unknown_option(translator, line, next, "crt-list", Vocabulary::kCrtList);
    return says_alpn;
  }
  check_tls_settings(translator, at, settings);
  return says_alpn;
}

}  // namespace

void read_crt_list(Translator& translator, const Line& line, std::size_t word, BindDraft& bind) {
  const std::string& path = line.words[word].text;
  const auto text = read_at_most(path, kMostBytes + 1);
  if (!text || text->size() > kMostBytes) {
    translator.error(line, word, "crt-list " + path + (text ? ": more than 8 MiB" : " " + text.error()));
    return;
  }
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view one = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const Entry entry = split_entry(one);
    const std::size_t told = translator.problems.size();
    if (!entry.problem.empty()) translator.error(line, word, entry.problem);
    if (!entry.file.empty()) {
      config::ListedCertificate listed;
      listed.file = Translator::absolute_path(entry.file, translator.global.crt_base);
      listed.place = translator.place_of(line, word);
      listed.names = entry.names;
      if (!entry.options.empty()) {
        listed.settings = bind.tls_settings;
        if (read_options(translator, line, word, entry, *listed.settings))
          bind.lists_saying_alpn.push_back(bind.tls_settings.listed.size());
      }
      bind.tls_settings.listed.push_back(std::move(listed));
    }
    for (std::size_t i = told; i < translator.problems.size(); ++i) {
      std::string& message = translator.problems[i].message;
      message.insert(0, "crt-list " + path + ", line " + std::to_string(number) + ": ");
    }
  }
}

}  // namespace reseal::haproxy
