// What is answered in place of errors: error files, and groups of them.
#include <algorithm>
#include <array>

#include "lb/haproxy/finish.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

constexpr int kLeastStatus = 200;
constexpr int kMostStatus = 599;

/// `errorfile CODE FILE`, of a proxy or of a group.
void take_error_file(Translator& translator, const Line& line, std::vector<config::ErrorPage>& pages) {
  const std::string code = translator.argument(line, 1, "a status");
  const std::string file = code.empty() ? "" : translator.argument(line, 2, "a file with a whole response");
  if (file.empty()) return;
  config::ErrorPage page;
  page.status = translator.value_or(parse_number(code, kLeastStatus, kMostStatus), line, 1, 0);
  page.file = Translator::absolute_path(file, "");
  page.has_head = true;
  page.place = translator.place_of(line, 2);
  translator.expect_end(line, 3);
  std::erase_if(pages, [&](const config::ErrorPage& earlier) { return earlier.status == page.status; });
  pages.push_back(std::move(page));
}

void read_errorfile(Translator& translator, const Line& line) {
  take_error_file(translator, line, translator.proxy->error_pages);
}

/// `errorfiles GROUP [CODE...]`: of a section `http-errors`.
void read_errorfiles(Translator& translator, const Line& line) {
  const std::string name = translator.argument(line, 1, "the name of a section 'http-errors'");
  if (name.empty()) return;
  const auto group = translator.error_groups.find(name);
  if (group == translator.error_groups.end()) {
    translator.error(line, 1, "there is no section 'http-errors " + name + "'");
    return;
  }
  std::vector<int> wanted;
  for (std::size_t i = 2; i < line.words.size(); ++i)
    wanted.push_back(
        translator.value_or(parse_number(line.words[i].text, kLeastStatus, kMostStatus), line, i, 0));
  for (const config::ErrorPage& page : group->second) {
    if (!wanted.empty() && std::ranges::find(wanted, page.status) == wanted.end()) continue;
    std::erase_if(translator.proxy->error_pages,
                  [&](const config::ErrorPage& earlier) { return earlier.status == page.status; });
    translator.proxy->error_pages.push_back(page);
  }
}

constexpr std::array kKeywords = {
    KeywordHandler{"errorfile", read_errorfile},
    KeywordHandler{"errorfiles", read_errorfiles},
};

}  // namespace

KeywordTable error_keywords() {
  return {kKeywords, {}};
}

void read_error_group(Translator& translator, const Section& section) {
  for (const Line& line : section.lines) {
    if (const auto problem = check_keyword(section, line)) {
      translator.report(line, problem->word, problem->severity, problem->message);
    } else {
      take_error_file(translator, line, translator.error_groups[section.name]);
    }
  }
}

}  // namespace reseal::haproxy
