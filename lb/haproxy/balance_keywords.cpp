// Which server of a backend gets a request.
#include <algorithm>
#include <array>
#include <optional>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

using config::Balance;
using config::BalanceKind;

constexpr int kMostLength = 1'000'000'000;
constexpr int kMostDraws = 1000;

/// `uri [len N] [depth N] [whole] [path-only]`
void read_uri(Translator& translator, const Line& line, Balance& balance) {
  balance.kind = BalanceKind::kHashUri;
  for (std::size_t word = 2; word < line.words.size(); ++word) {
    const std::string& name = line.words[word].text;
    if (name == "len" || name == "depth") {
      const std::string text = translator.argument(line, ++word, "a number");
      if (text.empty()) return;
      (name == "len" ? balance.uri_length : balance.uri_depth) =
          translator.value_or(parse_number(text, 1, kMostLength), line, word, 1);
    } else if (name == "whole") {
      balance.uri_query = true;
    } else if (name == "path-only") {
      balance.uri_path_only = true;
    } else {
      translator.error(line, word, "balance uri only accepts 'len', 'depth', 'path-only' and 'whole'");
    }
  }
}

/// `url_param NAME [check_post [N]]`
void read_parameter(Translator& translator, const Line& line, Balance& balance) {
  balance.kind = BalanceKind::kHashParameter;
  balance.parameter = translator.argument(line, 2, "the name of a parameter");
  if (line.words.size() <= 3) return;
  if (line.words[3].text != "check_post") {
    translator.error(line, 3, "balance url_param only accepts 'check_post'");
    return;
  }
  translator.expect_end(line, 5);
  translator.notice_once(line, "check_post has no effect: parameters are looked for in the query only");
}

/// `hdr(NAME) [use_domain_only]`
void read_header(Translator& translator, const Line& line, Balance& balance, std::string_view name) {
  balance.kind = BalanceKind::kHashHeader;
  balance.header = lowered(name);
  if (name.empty()) translator.error(line, 1, "balance 'hdr()' names no field");
  if (line.words.size() > 2 && line.words[2].text != "use_domain_only") {
    translator.error(line, 2, "balance hdr() only accepts 'use_domain_only'");
  } else if (line.words.size() > 2) {
    balance.domain_only = true;
    translator.expect_end(line, 3);
  }
}

/// What stands in the brackets of `name(...)`; nothing if it is another word.
std::optional<std::string_view> in_brackets(std::string_view word, std::string_view name) {
  if (!word.starts_with(name) || !word.ends_with(')') || word.size() < name.size() + 2 ||
      word[name.size()] != '(')
    return std::nullopt;
  return word.substr(name.size() + 1, word.size() - name.size() - 2);
}

/// `rdp-cookie[(NAME)]`: a hash of an expression.
void read_rdp_cookie(Translator& translator, const Line& line, Balance& balance) {
  const std::string& how = line.words[1].text;
  const std::optional<std::string_view> name =
      how == "rdp-cookie" ? "mstshash" : in_brackets(how, "rdp-cookie");
  if (!name || name->empty()) {
    translator.error(line, 1, "rdp-cookie : missing cookie name.");
    return;
  }
  balance.kind = BalanceKind::kHashExpression;
  translator.proxy->rules.balance_hash = {
      {{"req.rdp_cookie(" + std::string(*name) + ")"}, {translator.place_of(line, 1)}}};
  translator.expect_end(line, 2);
}

/// Methods without arguments behind them.
bool read_simple(Translator& translator, const Line& line, const std::string& how, Balance& balance) {
  if (how == "roundrobin" || how == "static-rr" || how.empty()) {
    balance.kind = BalanceKind::kRoundRobin;
  } else if (how == "leastconn") {
    balance.kind = BalanceKind::kLeastConnections;
  } else if (how == "first") {
    balance.kind = BalanceKind::kFirst;
  } else if (how == "source") {
    balance.kind = BalanceKind::kHashSource;
  } else if (how == "random") {
    balance.kind = BalanceKind::kRandomOfTwo;
  } else if (const auto draws = in_brackets(how, "random")) {
    balance.kind = BalanceKind::kRandomOfTwo;
    balance.draws = translator.value_or(parse_number(*draws, 1, kMostDraws), line, 1, 2);
  } else {
    return false;
  }
  translator.expect_end(line, 2);
  return true;
}

void read_balance(Translator& translator, const Line& line) {
  const std::string how = translator.argument(line, 1, "roundrobin, leastconn, source, uri ...");
  Balance& balance = translator.proxy->balance;
  balance = {};
  translator.proxy->rules.balance_hash.clear();
  if (read_simple(translator, line, how, balance)) return;
  if (how == "uri") {
    read_uri(translator, line, balance);
  } else if (how == "url_param") {
    read_parameter(translator, line, balance);
  } else if (how == "hash") {
    balance.kind = BalanceKind::kHashExpression;
    if (translator.argument(line, 2, "an expression such as req.hdr(x-user)").empty()) return;
    translator.proxy->rules.balance_hash = {{{line.words[2].text}, {translator.place_of(line, 2)}}};
    translator.expect_end(line, 3);
  } else if (const auto name = in_brackets(how, "hdr")) {
    read_header(translator, line, balance, *name);
  } else if (how.starts_with("rdp-cookie")) {
    read_rdp_cookie(translator, line, balance);
  } else {
    translator.error(line, 1,
                     "unknown balance '" + how +
                         "': roundrobin, static-rr, leastconn, first, source, uri, url_param, "
                         "hdr(NAME), rdp-cookie(NAME), hash and random are there");
  }
}

/// `map-based|consistent [sdbm|djb2|wt6|crc32] [avalanche]`
void read_hash_type(Translator& translator, const Line& line) {
  const std::string method = translator.argument(line, 1, "map-based or consistent");
  HashTypeDraft& hash = translator.proxy->hash_type;
  hash.function = config::HashFunction::kSdbm;
  hash.avalanche = false;
  if (method == "map-based" || method == "consistent") {
    hash.placement = method == "consistent" ? config::HashPlacement::kRing : config::HashPlacement::kMap;
  } else if (method == "avalanche") {
    translator.error(line, 1,
                     "experimental feature 'hash-type avalanche' is not supported anymore, please use "
                     "'hash-type map-based sdbm avalanche' instead.");
  } else if (!method.empty()) {
    translator.error(line, 1, "'hash-type' only supports 'map-based' and 'consistent'.");
  }
  if (line.words.size() <= 2) {
    hash.avalanche = method == "consistent";
    return;
  }
  static constexpr std::array<std::string_view, 4> kFunctions = {"sdbm", "djb2", "wt6", "crc32"};
  const auto function = std::ranges::find(kFunctions, line.words[2].text);
  if (function == kFunctions.end()) {
    translator.error(line, 2, "'hash-type' only supports 'sdbm', 'djb2', 'crc32', or 'wt6' hash functions.");
    return;
  }
  hash.function = static_cast<config::HashFunction>(function - kFunctions.begin());
  if (line.words.size() <= 3) return;
  hash.avalanche = line.words[3].text == "avalanche";
  if (!hash.avalanche)
    translator.error(line, 3, "'hash-type' only supports 'avalanche' as a modifier for hash functions.");
  translator.expect_end(line, 4);
}

void read_most_load(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 1, "0, or more than 100 percent");
  if (text.empty()) return;
  const int percent = translator.value_or(parse_number(text, 0, kMostLength), line, 1, 0);
  if (percent != 0 && percent <= 100)
    translator.error(line, 1, "'hash-balance-factor' must be 0 or greater than 100.");
  translator.proxy->hash_type.most_load = percent;
  translator.expect_end(line, 2);
}

constexpr std::array kKeywords = {
    KeywordHandler{"balance", read_balance},
    KeywordHandler{"hash-type", read_hash_type},
    KeywordHandler{"hash-balance-factor", read_most_load},
};

}  // namespace

KeywordTable balance_keywords() {
  return {kKeywords, {}};
}

}  // namespace reseal::haproxy
