// Which server of a backend gets a request.
#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

void read_balance(Translator& translator, const Line& line) {
  const std::string how = translator.argument(line, 1, "roundrobin, leastconn, source, random or hdr(NAME)");
  config::Balance& balance = translator.proxy->balance;
  balance = {};
  translator.expect_end(line, 2);
  if (how == "roundrobin" || how == "static-rr" || how.empty()) {
    balance.kind = config::BalanceKind::kRoundRobin;
  } else if (how == "leastconn") {
    balance.kind = config::BalanceKind::kLeastConnections;
  } else if (how == "random" || how == "random(2)") {
    balance.kind = config::BalanceKind::kRandomOfTwo;
  } else if (how == "source") {
    balance.kind = config::BalanceKind::kHashSource;
  } else if (how.starts_with("hdr(") && how.ends_with(')')) {
    balance.kind = config::BalanceKind::kHashHeader;
    balance.header = lowered(std::string_view(how).substr(4, how.size() - 5));
    if (balance.header.empty()) translator.error(line, 1, "balance 'hdr()' names no field");
  } else {
    translator.error(
        line, 1,
        "balance '" + how +
            "' is not there yet: roundrobin, static-rr, leastconn, source, random and hdr(NAME) are");
  }
}

constexpr std::array kKeywords = {
    KeywordHandler{"balance", read_balance},
};

}  // namespace

KeywordTable balance_keywords() {
  return {kKeywords, {}};
}

}  // namespace reseal::haproxy
