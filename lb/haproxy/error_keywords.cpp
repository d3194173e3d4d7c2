// What is answered in place of errors: error files, and groups of them.
#include <algorithm>
#include <array>

#include "lb/base/file.h"
#include "lb/haproxy/finish.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/http/message.h"

namespace reseal::haproxy {
namespace {

constexpr int kLeastStatus = 200;
constexpr int kMostStatus = 599;

/// In place of what there is for its status.
void put(config::ErrorPage page, std::vector<config::ErrorPage>& pages) {
  std::erase_if(pages, [&](const config::ErrorPage& earlier) { return earlier.status == page.status; });
  pages.push_back(std::move(page));
}

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
  put(std::move(page), pages);
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
    put(page, translator.proxy->error_pages);
  }
}

// ---- errorloc

/// A head of such a response; an empty line is still to come.
std::string head_of(int status) {
  return "HTTP/1.1 " + std::to_string(status) + ' ' + std::string(http::reason_phrase(status)) + "\r\n";
}

/// `errorloc CODE URL`: redirects in place of the error.
template <int kStatus>
void read_errorloc(Translator& translator, const Line& line) {
  const std::string code = translator.argument(line, 1, "a status");
  const std::string url = code.empty() ? "" : translator.argument(line, 2, "where to redirect to");
  if (url.empty()) return;
  config::ErrorPage page;
  page.status = translator.value_or(parse_number(code, kLeastStatus, kMostStatus), line, 1, 0);
  page.text = head_of(kStatus) + "Cache-Control: no-cache\r\nLocation: " + url + "\r\n\r\n";
  page.has_head = true;
  page.place = translator.place_of(line, 2);
  translator.expect_end(line, 3);
  put(std::move(page), translator.proxy->error_pages);
}

// ---- http-error

struct HttpError {
  int status = 0;
  std::string type, fields, body;
  bool has_body = false;
};

/// A format, of which only what is none is there.
std::string take_literal(Translator& translator, const Line& line, std::size_t word, const char* what) {
  std::string text = translator.argument(line, word, what);
  if (text.find('%') != std::string::npos)
    translator.error(line, word, "'http-error' takes texts only: expressions (%[...]) are not there yet");
  return text;
}

std::string read_file(Translator& translator, const Line& line, std::size_t word) {
  constexpr std::size_t kMost = 64 * 1024;
  const std::string path = translator.argument(line, word, "a file");
  if (path.empty()) return {};
  auto text = read_at_most(Translator::absolute_path(path, ""), kMost);
  if (text) return std::move(*text);
  translator.error(line, word, path + " " + text.error());
  return {};
}

/// Reads the words from `word` on that say one thing, and moves it behind them. False: there was something wrong.
bool take_part(Translator& translator, const Line& line, std::size_t& word, HttpError& error) {
  const std::string what = line.words[word++].text;
  if (what == "status") {
    const std::string code = translator.argument(line, word, "a status");
    error.status = translator.value_or(parse_number(code, kLeastStatus, kMostStatus), line, word, 0);
  } else if (what == "content-type") {
    error.type = translator.argument(line, word, "a content type");
  } else if (what == "string" || what == "lf-string") {
    error.body = what == "string" ? translator.argument(line, word, "a text")
                                  : take_literal(translator, line, word, "a text");
    error.has_body = true;
  } else if (what == "file") {
    error.body = read_file(translator, line, word);
    error.has_body = true;
  } else if (what == "hdr") {
    const std::string name = translator.argument(line, word++, "the name of a field");
    error.fields += name + ": " + take_literal(translator, line, word, "the field's value") + "\r\n";
  } else if (what != "default-errorfiles") {
    translator.error(
        line, word - 1,
        "'" + what +
            "' is not expected: status, content-type, string, file, hdr and default-errorfiles are there");
    return false;
  } else {
    return true;
  }
  ++word;
  return true;
}

/// `http-error status CODE [content-type TYPE] [string TEXT | file FILE] [hdr NAME VALUE]...`
void read_http_error(Translator& translator, const Line& line) {
  HttpError error;
  for (std::size_t word = 1; word < line.words.size();) {
    if (!take_part(translator, line, word, error)) return;
  }
  if (error.status == 0) {
    translator.error(line, 0, "'http-error' needs status");
    return;
  }
  if (error.has_body && error.type.empty()) {
    translator.error(line, 0, "a body needs its type: content-type text/plain, for instance");
    return;
  }
  if (!error.has_body && error.fields.empty()) {  // default-errorfiles
    std::erase_if(translator.proxy->error_pages,
                  [&](const config::ErrorPage& earlier) { return earlier.status == error.status; });
    return;
  }
  config::ErrorPage page;
  page.status = error.status;
  page.text = head_of(error.status) + error.fields +
              (error.type.empty() ? "" : "Content-Type: " + error.type + "\r\n") + "\r\n" + error.body;
  page.has_head = true;
  page.place = translator.place_of(line, 0);
  put(std::move(page), translator.proxy->error_pages);
}

constexpr std::array kKeywords = {
    KeywordHandler{"errorfile", read_errorfile},       KeywordHandler{"errorfiles", read_errorfiles},
    KeywordHandler{"errorloc", read_errorloc<302>},    KeywordHandler{"errorloc302", read_errorloc<302>},
    KeywordHandler{"errorloc303", read_errorloc<303>}, KeywordHandler{"http-error", read_http_error},
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
