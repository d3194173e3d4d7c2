#include "lb/proxy/router.h"

#include <catch2/catch.hpp>
#include <optional>

#include "lb/proxy/error_policy.h"
#include "lb/proxy/forwarding.h"

using namespace reseal;
using namespace reseal::proxy;

namespace {

rules::Rule rule(std::vector<std::string> prefixes) {
  rules::Rule made;
  made.when.all.path_prefixes = std::move(prefixes);
  return made;
}

rules::Rule use(std::vector<std::string> prefixes, std::uint32_t backend) {
  rules::Rule made = rule(std::move(prefixes));
  made.backend = backend;
  return made;
}

rules::Rule deny(std::vector<std::string> prefixes, int status) {
  rules::Rule made = rule(std::move(prefixes));
  made.deny = status;
  return made;
}

rules::Rule set_field(std::vector<std::string> prefixes, const char* value) {
  rules::Rule made = rule(std::move(prefixes));
  made.request_edits.emplace_back(rules::HeaderEdit::Kind::kSet, "X-Tag",
                                  rules::TextTemplate::parse(value).value());
  return made;
}

Decision decide(const Router& router, std::string_view path) {
  BufferPool pool;
  http::RequestHead head(pool);
  rules::RequestFacts facts;
  facts.path = facts.compared_path = path;
  Decision decision;
  router.decide(head, facts, decision);
  return decision;
}

using Outcome = Decision::Outcome;

}  // namespace

TEST_CASE("the first rule that decides wins, then the default") {
  const Router router({use({"/api"}, 1), use({"/api/x", "/y"}, 2)}, 0);
  for (const auto& [path, backend] :
       std::vector<std::pair<const char*, std::uint32_t>>{{"/api", 1}, {"/api/x", 1}, {"/y", 2}, {"/", 0}}) {
    INFO(path);
    const Decision decision = decide(router, path);
    CHECK(decision.outcome == Outcome::kBackend);
    CHECK(decision.backend == backend);
    CHECK((decision.rule == nullptr) == (backend == 0));
  }
  CHECK(decide(Router(), "/").outcome == Outcome::kNoRoute);
  CHECK(decide(Router({use({"/a"}, 1)}, std::nullopt), "/").outcome == Outcome::kNoRoute);
}

TEST_CASE("deny, redirect and reply end the walk") {
  rules::Rule redirect = rule({"/old"});
  redirect.redirect.emplace().location = rules::TextTemplate::parse("/new").value();
  rules::Rule reply = rule({"/down"});
  reply.reply.emplace().status = 503;
  const Router router({deny({"/admin"}, 404), redirect, reply, use({"/"}, 1)}, 0);
  CHECK(decide(router, "/admin/x").outcome == Outcome::kDeny);
  CHECK(decide(router, "/admin/x").rule->deny == 404);
  CHECK(decide(router, "/old").outcome == Outcome::kRedirect);
  CHECK(decide(router, "/down").rule->reply->status == 503);
  CHECK(decide(router, "/x").backend == 1);
}

TEST_CASE("after an allow, later rules that deny are passed over, and nothing else is") {
  rules::Rule allow = rule({"/admin/public"});
  allow.allow = true;
  const Router router({deny({"/admin/public/secret"}, 403), allow, deny({"/admin"}, 403), use({"/admin"}, 1)},
                      0);
  CHECK(decide(router, "/admin/public/secret").outcome == Outcome::kDeny);
  CHECK(decide(router, "/admin/public").backend == 1);
  CHECK(decide(router, "/admin").outcome == Outcome::kDeny);
  CHECK(decide(router, "/").backend == 0);
}

TEST_CASE("rules that change something go on, and the last limit counts") {
  rules::Rule upload = rule({"/up"});
  upload.max_body_bytes = 5;
  upload.response_timeout = Duration(7);
  rules::Rule large = rule({"/up/large"});
  large.max_body_bytes = 50;
  large.idle_timeout = Duration(9);
  const Router router(
      {set_field({"/"}, "1"), upload, set_field({"/up"}, "2"), large, use({"/"}, 1), set_field({"/"}, "3")},
      0);
  const Decision plain = decide(router, "/");
  CHECK(plain.changes.size() == 1);
  CHECK_FALSE(plain.max_body_bytes);
  const Decision decision = decide(router, "/up/large");
  REQUIRE(decision.changes.size() == 2);
  CHECK(decision.max_body_bytes == 50U);
  CHECK(decision.response_timeout == Duration(7));
  CHECK(decision.idle_timeout == Duration(9));
  CHECK(decision.backend == 1);
}

TEST_CASE("the host of an authority is without its port") {
  CHECK(http::host_of("a.example:443") == "a.example");
  CHECK(http::host_of("a.example") == "a.example");
  CHECK(http::host_of("[::1]:80") == "[::1]");
  CHECK(http::host_of("[::1]") == "[::1]");
}

TEST_CASE("every cause has an answer, and only a client that is gone has none") {
  for (int i = 0; i < static_cast<int>(Code::kCount_); ++i) {
    const auto code = static_cast<Code>(i);
    INFO(code_word(code));
    const ErrorReply reply = error_reply(code);
    const bool nobody =
        code == Code::kClientGone || code == Code::kClientTlsFailed || code == Code::kProxyHeaderInvalid;
    CHECK((reply.status == 0) == nobody);
    if (!nobody) {
      CHECK(reply.status >= 400);
      CHECK(reply.status < 600);
      CHECK(*reply.hint != '\0');
    }
    // What a client did wrong leaves its connection in doubt.
    const bool client_fault = code >= Code::kClientTimeout && code <= Code::kCodingRefused && !nobody;
    if (client_fault) {
      CHECK(reply.close);
      CHECK(reply.status < 506);
    }
  }
}

TEST_CASE("forwarding fields tell the client's address and protocol; IPv6 is quoted") {
  BufferPool pool;
  http::RequestHead head(pool);
  head.authority = "a.example:8443";
  add_forwarding_fields({"2001:db8::1", true, false}, head);
  CHECK(head.find(http::FieldName::kXForwardedFor)->value == "2001:db8::1");
  CHECK(head.find(http::FieldName::kXForwardedProto)->value == "https");
  CHECK(head.find(http::FieldName::kForwarded)->value ==
        "for=\"[2001:db8::1]\";host=\"a.example:8443\";proto=https");
}
