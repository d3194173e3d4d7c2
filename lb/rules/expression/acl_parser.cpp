#include "lb/rules/expression/acl_parser.h"

#include <algorithm>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/expression_parser.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/pattern_file.h"

namespace reseal::rules::expression {
namespace {

/// Criteria that mean another fetch than their name says, and those that are no fetch.
struct Alias {
  std::string_view name;
  std::string_view fetch;
};
constexpr Alias kAliases[] = {{"hdr", "req.hdr"},
                              {"cook", "req.cook"},
                              {"shdr", "res.hdr"},
                              {"scook", "res.cook"},
                              {"req_rdp_cookie", "req.rdp_cookie"},
                              {"req_rdp_cookie_cnt", "req.rdp_cookie_cnt"}};

std::string_view fetch_of(std::string_view name) {
  const auto* alias = std::ranges::find(kAliases, name, &Alias::name);
  return alias == std::end(kAliases) ? name : alias->fetch;
}

/// "hdr_beg": the fetch and how it is compared; null if the name is none of that kind.
struct Criterion {
  const FetchRow* fetch = nullptr;
  const MatcherRow* match = nullptr;
};
Criterion criterion_of(std::string_view name) {
  constexpr Match kSuffixes[] = {Match::kBegins, Match::kDirectory, Match::kDomain,  Match::kEnds,
                                 Match::kLength, Match::kRegex,     Match::kContains};
  if (const FetchRow* fetch = find_fetch(fetch_of(name))) {
    const bool is_binary = name == "payload" || name == "payload_lv";
    return {fetch, is_binary ? &matcher_row(Match::kBinary) : nullptr};
  }
  const std::size_t bar = name.rfind('_');
  if (bar == std::string_view::npos) return {};
  const MatcherRow* match = find_matcher(name.substr(bar + 1));
  if (match == nullptr || std::ranges::find(kSuffixes, match->match) == std::end(kSuffixes)) return {};
  const FetchRow* fetch = find_fetch(fetch_of(name.substr(0, bar)));
  return fetch == nullptr || fetch->out != Type::kString ? Criterion{} : Criterion{fetch, match};
}

/// How a value of some type is compared where nothing says it; null: it has to be said.
const MatcherRow* default_match(Type type) {
  switch (type) {
    case Type::kBool:
      return &matcher_row(Match::kBool);
    case Type::kInteger:
      return &matcher_row(Match::kInteger);
    case Type::kAddress:
    case Type::kIpv4:
    case Type::kIpv6:
      return &matcher_row(Match::kAddress);
    case Type::kString:
    case Type::kMethod:
      return &matcher_row(Match::kString);
    default:
      return nullptr;
  }
}

bool is_operator(std::string_view word) {
  return word == "eq" || word == "ge" || word == "gt" || word == "le" || word == "lt";
}

/// An operator and a number as the range that they mean; empty if it is no number.
std::string range_of(std::string_view comparison, const std::string& pattern) {
  if (comparison == "eq") return pattern;
  const auto number = parse_integer(pattern);
  if (!number) return "";
  std::int64_t bound = 0;
  const bool beyond = __builtin_add_overflow(*number,
                                             comparison == "gt"   ? 1
                                             : comparison == "lt" ? -1
                                                                  : 0,
                                             &bound);
  if (beyond) return "1:0";  // no number is
  const std::string next = std::to_string(bound);
  return comparison.front() == 'g' ? next + ":" : ":" + next;
}

/// Of versions of TLS, "3.1" or "3.0:3.3": the numbers that the fetch has for them. What is wrong is left for the matcher to tell.
std::string numbers_of_versions(std::string_view versions) {
  std::string numbers;
  while (!versions.empty()) {
    const std::size_t end = std::min(versions.find_first_of(":-"), versions.size());
    const std::string_view version = versions.substr(0, end);
    const std::size_t dot = std::min(version.find('.'), version.size());
    const auto major = parse_decimal(version.substr(0, dot));
    const auto minor = dot == version.size() ? 0 : parse_decimal(version.substr(dot + 1));
    if (end != 0 && (!major || !minor || *major > 0xffff || *minor > 0xffff)) return std::string(versions);
    if (end != 0) numbers += std::to_string((*major << 16) + *minor);
    if (end == versions.size()) break;
    numbers += ':';
    versions.remove_prefix(end + 1);
  }
  return numbers;
}

}  // namespace

std::unexpected<CompileError> AclParser::error(std::string message) const {
  return std::unexpected(CompileError{std::move(message), std::min(at_, words_.size() - 1), 0});
}

Compiled<AclTest> AclParser::parse() {
  if (words_.empty())
    return std::unexpected(CompileError{
        "no criterion (accepted: a fetch such as path_beg, and what it is compared with)", 0, 0});
  auto expression = take_criterion();
  if (!expression) return std::unexpected(expression.error());
  if (auto done = take_flags(); !done) return std::unexpected(done.error());
  if (auto done = choose_match(); !done) return std::unexpected(done.error());
  AclTest test{std::move(*expression), PatternSet(match_->match), {}};
  if (auto done = take_patterns(test); !done) return std::unexpected(done.error());
  test.patterns.seal();
  return test;
}

Compiled<Expression> AclParser::take_criterion() {
  const std::string& word = words_.front();
  const std::string_view name = name_at(word, 0);
  const ExpressionParser parser(word, environment_);
  const Criterion criterion = criterion_of(name);
  std::size_t at = criterion.fetch == nullptr ? 0 : name.size();
  auto expression =
      criterion.fetch == nullptr ? parser.parse(at) : parser.parse_from(*criterion.fetch, name, at);
  if (!expression) return expression;
  if (at != word.size()) {
    return std::unexpected(CompileError{"'" + shortened(std::string_view(word).substr(at)) +
                                            "' behind the criterion (accepted: ',' and a converter)",
                                        0, at});
  }
  type_ = expression->type();
  // With converters behind it, it is their value that is compared, as its type says.
  if (!expression->has_converters()) match_ = criterion.match;
  of_versions_ = name == "req.ssl_ver" || name == "req_ssl_ver";
  ++at_;
  return expression;
}

Compiled<void> AclParser::take_flags() {
  while (at_ < words_.size() && words_[at_].starts_with('-')) {
    const std::string& flag = words_[at_];
    if (flag == "--") {
      ++at_;
      return {};
    }
    // A negative number is none.
    if (parse_integer(flag)) return {};
    Compiled<void> done;
    if (flag == "-i") {
      ignore_case_ = true;
    } else if (flag == "-M") {
      as_map_ = true;
    } else if (flag == "-m") {
      done = take_match();
    } else if (flag == "-f") {
      done = take_file();
    } else if (flag == "-u") {
      if (++at_ >= words_.size()) return error("no number behind -u");
    } else if (flag != "-n") {
      return error(
          "no flag '" + shortened(flag) +
          "' (accepted: -i, -f FILE, -m METHOD, -M, -n, -u ID, and -- before patterns that begin with '-')");
    }
    if (!done) return done;
    ++at_;
  }
  return {};
}

Compiled<void> AclParser::take_match() {
  if (!files_.empty()) return error("-m stands before -f");
  if (++at_ >= words_.size()) return error("no matching method behind -m");
  match_ = find_matcher(words_[at_]);
  if (match_ != nullptr) return {};
  std::vector<std::string> names;
  for (const MatcherRow& row : matchers()) names.emplace_back(row.name);
  return error("no matching method '" + shortened(words_[at_]) + "' (accepted: " + one_of(names) + ")" +
               did_you_mean(words_[at_], names));
}

Compiled<void> AclParser::take_file() {
  if (++at_ >= words_.size()) return error("no file behind -f");
  files_.push_back({at_, ignore_case_, as_map_});
  return {};
}

Compiled<void> AclParser::choose_match() {
  if (match_ == nullptr) match_ = default_match(type_);
  if (match_ == nullptr) {
    return std::unexpected(CompileError{
        "a value of type " + std::string(type_name(type_)) +
            " is compared in no way of its own (accepted: -m and a matching method before the patterns)",
        0, 0});
  }
  if (is_convertible(type_, match_->wants)) return {};
  return std::unexpected(CompileError{"-m " + std::string(match_->name) + " takes a value of type " +
                                          std::string(type_name(match_->wants)) +
                                          ", and this one is of type " + std::string(type_name(type_)),
                                      0, 0});
}

Compiled<void> AclParser::take_patterns(AclTest& test) {
  for (const File& file : files_) {
    const std::string& path = words_[file.word];
    auto view =
        open_pattern_file(environment_, path, {match_->match, file.ignore_case, Type::kAny}, file.is_map);
    if (!view)
      return std::unexpected(CompileError{"'" + shortened(path) + "': " + view.error(), file.word, 0});
    test.files.push_back(std::move(*view));
  }
  const bool of_numbers = match_->match == Match::kInteger || match_->match == Match::kLength;
  // Methods are told apart by case (RFC 9110 9.1).
  if (type_ == Type::kMethod) ignore_case_ = false;
  std::string_view comparison = "eq";
  for (; at_ < words_.size(); ++at_) {
    if (of_numbers && is_operator(words_[at_])) {
      comparison = words_[at_];
      if (at_ + 1 == words_.size()) return error("no number behind '" + std::string(comparison) + "'");
      continue;
    }
    const std::string word = of_versions_ ? numbers_of_versions(words_[at_]) : words_[at_];
    const std::string pattern = of_numbers ? range_of(comparison, word) : word;
    if (of_numbers && pattern.empty())
      return error("'" + shortened(words_[at_]) + "' is not an integer, as '" + std::string(comparison) +
                   "' needs one");
    if (auto added = test.patterns.add(pattern, ignore_case_); !added) return error(added.error());
  }
  return {};
}

}  // namespace reseal::rules::expression
