#include "lb/haproxy/keywords.h"

#include <catch2/catch.hpp>
#include <set>

using namespace reseal::haproxy;

namespace {

/// "" if the line's keyword is known, otherwise "error@WORD: MESSAGE".
std::string judged(std::string_view head, std::string_view line) {
  const Source source =
      read_text(std::string(head) + "\n " + std::string(line) + "\n", "t.cfg", {}, own_abilities(""));
  REQUIRE(source.sections.size() == 1);
  REQUIRE(source.sections[0].lines.size() == 1);
  const auto problem = check_keyword(source.sections[0], source.sections[0].lines[0]);
  if (!problem) return "";
  const bool error = problem->severity == reseal::config::Severity::kError;
  return (error ? "error@" : "warning@") + std::to_string(problem->word) + ": " + problem->message;
}

}  // namespace

TEST_CASE("keywords are known where they belong") {
  struct Case {
    std::string_view head;
    std::string_view line;
    std::string_view expected;
  };
  const Case cases[] = {
      {"global", "daemon", ""},
      {"global", "stats socket /run/x level admin", ""},
      {"global", "stats sokcet /run/x",
       "error@1: unknown word 'sokcet' after 'stats'; did you mean 'socket'?"},
      {"global", "stats", "error@0: 'stats' needs a word that says which"},
      {"global", "no strict-limits", ""},
      {"global", "no daemon", "error@1: 'no' may stand only before busy-polling,"},
      {"global", "tune.quic.retry-threshold 100", ""},
      {"global", "setcap cap_net_bind_service", ""},
      {"global", "acl x src", "error@0: unknown keyword 'acl' in a 'global' section"},
      {"listen x", "timeout client 1s", ""},
      {"listen x", "timeout cleint 1s",
       "error@1: unknown word 'cleint' after 'timeout'; did you mean 'client'?"},
      {"listen x", "blance roundrobin",
       "error@0: unknown keyword 'blance' in a 'listen' section; did you mean 'balance'?"},
      {"listen x", "option httplog", ""},
      {"listen x", "no option httplog", ""},
      {"listen x", "default option httplog", ""},
      {"listen x", "no option htplog",
       "error@2: unknown word 'htplog' after 'option'; did you mean 'httplog'?"},
      {"listen x", "no bind", "error@1: 'no' may stand only before"},
      {"listen x", "http-request set-var(txn.a) int(1)", ""},
      {"listen x", "http-request track-sc0 src", ""},
      {"listen x", "http-request track-scx src", "error@1: unknown word 'track-scx'"},
      {"listen x", "http-request lua.mine", ""},
      {"listen x", "http-request del-heeder x",
       "error@1: unknown word 'del-heeder' after 'http-request'; did you mean 'del-header'?"},
      {"listen x", "tcp-request content accept if HTTP", ""},
      {"listen x", "tcp-request inspect-delay 5s", ""},
      {"listen x", "tcp-request content acept",
       "error@2: unknown word 'acept' after 'tcp-request content'; did you mean 'accept'?"},
      {"listen x", "tcp-request conection accept", "error@1: unknown word 'conection'"},
      {"listen x", "filter lua.x", ""},
      {"listen x", "filter compression", ""},
      {"frontend x", "server a :1", "error@0: 'server' is not allowed in a 'frontend' section"},
      {"backend x", "bind :1", "warning@0: 'bind' has no effect in a 'backend' section"},
      {"backend x", "timeout client 1s", "warning@1: 'timeout client' has no effect in a 'backend' section"},
      {"defaults", "bind :1", "error@0: 'bind' is not allowed in a 'defaults' section"},
      {"defaults", "http-request deny",
       "error@0: 'http-request' is allowed in a 'defaults' section with a name only"},
      {"defaults x", "http-request deny", ""},
      {"backend x", "tcp-request connection accept",
       "error@1: 'tcp-request connection' is not allowed in a 'backend'"},
      {"listen x", "reqadd X-A:\\ b",
       "error@0: 'reqadd' is not supported any more by HAProxy; use 'http-request add-header' instead"},
      {"listen x", "clitimeout 1",
       "error@0: 'clitimeout' is not supported any more by HAProxy; use 'timeout client' instead"},
      {"listen x", "timeout clitimeout 1", "error@0: 'timeout clitimeout' is not supported any more"},
      {"listen x", "option forceclose", "error@0: 'option forceclose' is not supported any more"},
      {"listen x", "no option http-use-htx", "error@1: 'option http-use-htx' is not supported any more"},
      {"listen x", "mode health", "error@0: 'mode health' is not supported any more"},
      {"listen x", "mode http", ""},
      {"global", "nbproc 2", "error@0: 'nbproc' is not supported any more by HAProxy; threads do its work"},
      {"program x", "no option start-on-reload", ""},
      {"resolvers x", "nameserver a 1.1.1.1:53", ""},
      {"resolvers x", "nameservr a",
       "error@0: unknown keyword 'nameservr' in a 'resolvers' section; did you mean 'nameserver'?"},
      {"crt-store x", "load crt a.pem", ""},
      {"userlist x", "user a password b", ""},
  };
  for (const Case& c : cases) {
    INFO(c.head << " / " << c.line);
    if (c.expected.empty()) {
      CHECK(judged(c.head, c.line) == "");
    } else {
      CHECK_THAT(judged(c.head, c.line), Catch::StartsWith(std::string(c.expected)));
    }
  }
}

TEST_CASE("words tell how many others belong to them") {
  CHECK(find_keyword(Vocabulary::kBind, "crt")->arguments == 1);
  CHECK(find_keyword(Vocabulary::kBind, "ssl") == nullptr);
  CHECK(find_keyword(Vocabulary::kServer, "check")->arguments == 0);
  CHECK(find_keyword(Vocabulary::kServer, "source")->arguments == -1);
  CHECK(find_keyword(Vocabulary::kFetch, "hdr(host)")->name == "hdr");
  CHECK(find_keyword(Vocabulary::kAclFetch, "hdr_beg(host)")->name == "hdr_beg");
  CHECK(find_keyword(Vocabulary::kConverter, "map_reg(f,d)")->name == "map_reg");
  CHECK(find_keyword(Vocabulary::kFetch, "HDR") == nullptr);
  CHECK(find_keyword(Vocabulary::kFetch, "") == nullptr);
  CHECK(near_keyword(Vocabulary::kConverter, "lowr") == "; did you mean 'lower'?");
}

TEST_CASE("every vocabulary has words, each once, and no legacy one") {
  for (std::size_t i = 0; i < kVocabularies; ++i) {
    INFO(i);
    const auto words = keywords(static_cast<Vocabulary>(i));
    CHECK_FALSE(words.empty());
    std::set<std::string_view> names;
    for (const Keyword& keyword : words) {
      INFO(keyword.name);
      CHECK(names.insert(keyword.name).second);
      CHECK(keyword.name.find_first_of(" /@!") == std::string_view::npos);
      CHECK(keyword.sections != 0);
      CHECK(find_keyword(static_cast<Vocabulary>(i), keyword.name) == &keyword);
    }
  }
  for (const Keyword& keyword : keywords(Vocabulary::kProxy)) CHECK(legacy_hint(keyword.name, "").empty());
  for (const Keyword& keyword : keywords(Vocabulary::kGlobal)) CHECK(legacy_hint(keyword.name, "").empty());
  for (const Keyword& keyword : keywords(Vocabulary::kOption))
    CHECK(legacy_hint("option", keyword.name).empty());
}

TEST_CASE("every section's first words are a vocabulary of their own, but for the proxies") {
  std::set<Vocabulary> seen;
  for (const std::string& name : section_names()) seen.insert(first_words(*section_kind(name)));
  CHECK(seen.size() == section_names().size() - 3);
}
