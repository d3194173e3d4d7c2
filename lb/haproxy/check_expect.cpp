#include "lb/haproxy/check_expect.h"

#include <algorithm>
#include <array>

#include "lb/base/text.h"

namespace reseal::haproxy {
namespace {

using config::CheckStatus;
using config::ExpectKind;

struct Match {
  std::string_view name;
  bool is_http;
  ExpectKind kind;
};
constexpr std::array kMatches = {
    Match{"status", true, ExpectKind::kStatus},   Match{"rstatus", true, ExpectKind::kStatusRegex},
    Match{"string", true, ExpectKind::kBodyPart}, Match{"rstring", true, ExpectKind::kBodyRegex},
    Match{"hdr", true, ExpectKind::kField},       Match{"fhdr", true, ExpectKind::kField},
    Match{"string", false, ExpectKind::kPart},    Match{"rstring", false, ExpectKind::kRegex},
    Match{"binary", false, ExpectKind::kBinary},  Match{"rbinary", false, ExpectKind::kBinaryRegex},
};

/// "200", "200-399", "200,204".
void read_statuses(CheckWords& words, std::string_view text, std::vector<std::pair<int, int>>& statuses) {
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    const std::size_t dash = one.find('-');
    const auto number = [&](std::string_view digits, int otherwise) {
      return words.translator.value_or(parse_number(digits, 100, 999), words.line, words.word, otherwise);
    };
    const int first = number(one.substr(0, dash), 200);
    const int last = dash == std::string_view::npos ? first : number(one.substr(dash + 1), first);
    if (last < first)
      words.translator.error(words.line, words.word,
                             "'" + std::string(one) + "': the first is to be the smaller");
    statuses.emplace_back(first, last);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
}

/// "[-m METHOD] TEXT".
config::TextMatch read_text_match(CheckWords& words) {
  static constexpr std::array<std::pair<std::string_view, config::TextMatchKind>, 5> kMethods = {
      {{"str", config::TextMatchKind::kExact},
       {"beg", config::TextMatchKind::kPrefix},
       {"end", config::TextMatchKind::kSuffix},
       {"sub", config::TextMatchKind::kPart},
       {"reg", config::TextMatchKind::kRegex}}};
  config::TextMatch match;
  match.text = words.argument("a text");
  if (match.text != "-m") return match;
  const std::string method = words.argument("str, beg, end, sub or reg");
  const auto* const found =
      std::ranges::find(kMethods, method, &std::pair<std::string_view, config::TextMatchKind>::first);
  if (found != kMethods.end()) {
    match.kind = found->second;
  } else if (!method.empty()) {
    words.translator.error(words.line, words.word,
                           "-m '" + method + "': str, beg, end, sub or reg is expected");
  }
  match.text = words.argument("a text");
  return match;
}

/// "name [-m METHOD] NAME [value [-m METHOD] VALUE]".
void read_field(CheckWords& words, config::CheckExpect& expect) {
  if (words.argument("name") != "name") {
    words.refuse("'hdr name NAME value VALUE' is expected");
    return;
  }
  expect.field = read_text_match(words);
  if (words.word + 1 < words.line.words.size() && words.line.words[words.word + 1].text == "value") {
    ++words.word;
    expect.value = read_text_match(words);
  }
}

void read_pattern(CheckWords& words, const Match& match, config::CheckExpect& expect) {
  expect.kind = match.kind;
  if (match.kind == ExpectKind::kStatus || match.kind == ExpectKind::kStatusRegex ||
      match.kind == ExpectKind::kField)
    expect.error = CheckStatus::kL7Status;
  if (match.kind == ExpectKind::kField) {
    expect.whole_value = match.name == "fhdr";
    read_field(words, expect);
    return;
  }
  const std::string pattern = words.argument("a pattern");
  if (match.kind == ExpectKind::kStatus) return read_statuses(words, pattern, expect.statuses);
  expect.pattern = pattern;
  if (match.kind == ExpectKind::kBinary) expect.pattern = words.binary(expect.pattern);
}

CheckStatus read_status(CheckWords& words, CheckStatus otherwise) {
  const std::string word = words.argument("a status such as L7OK");
  const auto status = config::check_status(word);
  if (!status && !word.empty())
    words.translator.error(words.line, words.word,
                           "'" + word +
                               "' is no status of a check: L7OK, L7OKC, L7RSP, L7STS, L6OK, L6RSP, L4OK, "
                               "L4CON and L4TOUT, L6TOUT, L7TOUT are");
  return status.value_or(otherwise);
}

/// Of what a check tells beside its result only plain text is there, which changes no verdict.
void read_told(CheckWords& words, config::CheckInfo& info) {
  const std::string text = words.argument("a text");
  if (text.find('%') == std::string::npos) {
    info.text = text;
  } else {
    words.translator.notice_once(words.line, "'on-success' and 'on-error' with variables have no effect");
  }
}

}  // namespace

CheckStepDraft read_expect(CheckWords words, bool is_http) {
  CheckStepDraft draft;
  config::CheckExpect expect;
  std::optional<CheckStatus> error;
  bool has_match = false;
  for (; words.is_left(); ++words.word) {
    const std::string name = words.text();
    const auto* const match = std::ranges::find_if(
        kMatches, [&](const Match& each) { return each.is_http == is_http && each.name == name; });
    if (match != kMatches.end() && !has_match) {
      has_match = true;
      read_pattern(words, *match, expect);
    } else if (name == "!") {
      expect.negated = true;
    } else if (name == "min-recv") {
      const std::string text = words.argument("a number");
      if (!text.empty() && text != "-1")
        expect.least_bytes =
            words.translator.value_or(parse_number(text, 0, 16'384), words.line, words.word, 0);
    } else if (name == "comment") {
      draft.step.comment = words.argument("a text");
    } else if (name == "ok-status") {
      expect.ok = read_status(words, expect.ok);
    } else if (name == "error-status") {
      error = read_status(words, expect.error);
    } else if (name == "tout-status") {
      expect.timeout = read_status(words, expect.timeout);
    } else if (name == "on-success") {
      read_told(words, expect.on_success);
    } else if (name == "on-error") {
      read_told(words, expect.on_error);
    } else if (name == "status-code") {
      (void)words.argument("an expression");
      words.translator.notice_once(words.line, "'status-code' has no effect: the code of the answer is told");
    } else {
      words.refuse(is_http ? "status, rstatus, string, rstring, hdr or fhdr and what is expected are"
                           : "string, rstring, binary or rbinary and what is expected are");
      has_match = true;
    }
  }
  if (!has_match) words.translator.error(words.line, 1, "'expect' does not say what is expected");
  if (error) expect.error = *error;
  draft.step.what = std::move(expect);
  return draft;
}

}  // namespace reseal::haproxy
