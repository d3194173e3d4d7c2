#include <string>

#include "lb/rules/actions/rule_list.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/inspection.h"
#include "lb/rules/expression/rdp_cookie.h"
#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules;
using namespace reseal::rules::expression;

namespace {

/// A client of mode tcp that has sent something, and may send more.
struct Sent : Scene {
  explicit Sent(std::string_view bytes, bool may_grow = true) {
    body.bytes = bytes;
    body.is_complete = false;
    body.is_raw = true;
    body.may_grow = may_grow;
    context.inspection = &inspection;
    context.hello = nullptr;
  }
  /// The value, with a '+' behind it where more bytes may change it.
  std::string now(std::string_view text) {
    (void)inspection.take_unsettled();
    const std::string found = value(text);
    return found + (inspection.take_unsettled() ? "+" : "");
  }
  std::string truth(const std::string& text) {
    const auto condition = compiler.condition(words(text));
    REQUIRE(condition);
    constexpr const char* kNames[] = {"no", "not yet", "yes"};
    return kNames[static_cast<int>(condition->look(context, arena))];
  }
  RequestBody body;
  Inspection inspection{body};
};

const std::string kRdp("\x03\0\0\x2d\x28\xe0\0\0\0\0\0Cookie: mstshash=Al\r\n\x01", 33);

struct Case {
  std::string_view sent;
  std::string_view text;
  std::string_view value;
};

const Case kCases[] = {
    {"", "req.len", "integer 0+"},
    {"abc", "req.len", "integer 3+"},
    {"abc", "req_len", "integer 3+"},
    {"abc", "payload(1,2)", "binary bc"},
    {"abc", "req.payload(1,3)", "-+"},
    {"abc", "req.payload(1,0)", "binary bc+"},
    {"abc", "req.payload(3,0)", "binary +"},
    {"abc", "req.payload(4,0)", "-+"},
    {"abc", "req.payload(16384,1)", "-"},
    {"abc", "req.payload(9223372036854775807,9223372036854775807)", "-"},
    {"\x03"
     "abcd",
     "payload_lv(0,1)", "binary abc"},
    {"\x03"
     "abcd",
     "req.payload_lv(0,1,2)", "binary bcd"},
    {"\x03"
     "abcd",
     "req.payload_lv(0,1,+1)", "binary bcd"},
    {"\x03"
     "abcd",
     "req.payload_lv(0,1,+2)", "-+"},
    {"\x03"
     "abcd",
     "req.payload_lv(0,1,-1)",
     "binary \x03"
     "ab"},
    {"\xff\xff\xff\xff\xff\xff\xff\xff", "req.payload_lv(0,8)", "-"},
    {"ab", "req.payload_lv(1,2)", "-+"},
    {kRdp, "rdp_cookie", "string Al"},
    {kRdp, "req.rdp_cookie(MSTShash)", "string Al"},
    {kRdp, "req.rdp_cookie(other)", "-"},
    {kRdp, "req.rdp_cookie_cnt", "integer 1"},
    {kRdp, "rdp_cookie_cnt(other)", "integer 0"},
    {"GET / HTTP/1.1\r\n\r\n", "req.proto_http", "boolean 1"},
    {"GET / HTTP/1.1\r\nHost: x\r\n", "req_proto_http", "-+"},
    {"GET / XTTP/1.1\r\n", "req.proto_http", "-"},
    {"\x16\x03\x01", "req.proto_http", "-"},
    {"\x16\x03\x01", "req.ssl_sni", "-+"},
    {"abc", "req.ssl_hello_type", "-"},
    {"", "wait_end", "-+"},
};

}  // namespace

TEST_CASE("fetches of the first bytes find them, and say what may still change") {
  for (const Case& one : kCases) {
    INFO(one.text << " of " << one.sent);
    CHECK(Sent(one.sent).now(one.text) == one.value);
    // Once nothing is waited for, the same without the doubt.
    std::string last(one.value);
    if (last.ends_with('+')) last.pop_back();
    if (one.text == "wait_end") last = "boolean 1";
    CHECK(Sent(one.sent, false).now(one.text) == last);
  }
}

TEST_CASE("every fetch of the first bytes has a case") {
  for (const FetchRow& row : payload_fetches()) {
    INFO(row.name);
    CHECK(std::ranges::any_of(
        kCases, [&](const Case& one) { return one.text.substr(0, one.text.find('(')) == row.name; }));
  }
}

TEST_CASE("a cookie of RDP is found as soon as it is whole, and not before") {
  for (std::size_t size = 0; size <= kRdp.size(); ++size) {
    const RdpCookie cookie = find_rdp_cookie(std::string_view(kRdp).substr(0, size), "");
    INFO(size);
    CHECK(cookie.is_there == (size >= kRdp.size() - 1));
    CHECK(cookie.needs_more == !cookie.is_there);
  }
  for (std::string_view bad :
       {"Cookie: mstshash:Al\r\n", "Cookie: mstshash\r\n=", "Kookie: a=b\r\n", "Cookie: a=b\rx"})
    CHECK_FALSE(find_rdp_cookie(kRdp.substr(0, 11) + std::string(bad), "").needs_more);
}

TEST_CASE("conditions wait for what may still make them hold") {
  Sent scene("ab");
  CHECK(scene.truth("{ req.len ge 2 }") == "yes");
  CHECK(scene.truth("{ req.len ge 3 }") == "not yet");
  CHECK(scene.truth("!{ req.len ge 3 }") == "not yet");
  CHECK(scene.truth("unless { req.len ge 3 }") == "not yet");
  CHECK(scene.truth("unless { req.len ge 2 }") == "no");
  CHECK(scene.truth("{ req.len ge 3 } FALSE") == "no");
  CHECK(scene.truth("FALSE { req.len ge 3 }") == "no");
  CHECK(scene.truth("{ req.len ge 3 } TRUE") == "not yet");
  CHECK(scene.truth("{ req.len ge 3 } or TRUE") == "yes");
  CHECK(scene.truth("{ req.len ge 3 } or FALSE") == "not yet");
  CHECK(scene.truth("{ req.payload(0,1) -m str a }") == "yes");
  CHECK(scene.truth("{ req.payload(0,1) -m str b }") == "no");
  CHECK(scene.truth("{ payload(0,1) 61 }") == "yes");
  CHECK(scene.truth("WAIT_END") == "not yet");
  CHECK(scene.truth("{ acl(WAIT_END) }") == "not yet");
  CHECK(scene.truth("{ acl(!WAIT_END) }") == "not yet");
  CHECK(scene.truth("{ acl(!WAIT_END,FALSE) }") == "no");
  Sent last("ab", false);
  CHECK(last.truth("{ req.len ge 3 }") == "no");
  CHECK(last.truth("WAIT_END") == "yes");
}

TEST_CASE("no more than 16 KiB are waited for") {
  const std::string many(20000, 'a');
  Sent scene(many);
  CHECK(scene.now("req.len") == "integer 16384");
  CHECK(scene.truth("WAIT_END") == "yes");
}

TEST_CASE("what rules compute while they wait is gone with each round") {
  Sent scene("");
  actions::RuleList list;
  REQUIRE(list.add(actions::kTcpContent, scene.compiler, scene.environment,
                   scene.words("accept if { payload(0,0),hex -m sub deadbeef }")));
  actions::Run run{scene.context, scene.arena, nullptr, nullptr, nullptr};
  const std::string many(8000, 'a');
  const std::size_t before = scene.pool.in_use();
  for (std::size_t size = 1; size <= many.size(); ++size) {
    scene.body.bytes = std::string_view(many).substr(0, size);
    REQUIRE(list.inspect(run).kind == actions::Verdict::Kind::kWait);
  }
  CHECK(scene.pool.in_use() == before);
}

TEST_CASE("a wait names the bytes that are lacking, where they are known") {
  const auto lacks = [](std::string_view bytes, const std::string& rule) {
    Sent scene(bytes);
    actions::RuleList list;
    REQUIRE(list.add(actions::kTcpContent, scene.compiler, scene.environment, scene.words(rule)));
    actions::Run run{scene.context, scene.arena, nullptr, nullptr, nullptr};
    const actions::Verdict verdict = list.inspect(run);
    REQUIRE(verdict.kind == actions::Verdict::Kind::kWait);
    return verdict.body.at_least;
  };
  CHECK(lacks("abc", "accept if { req.len gt 9 }") == 0);
  CHECK(lacks("abc", "accept if { req.payload(3,4) -m str abcd }") == 7);
  CHECK(lacks("abc", "accept if { req.payload(3,4) -m str a } or { req.payload(0,4) -m str b }") == 4);
  CHECK(lacks("\x09", "accept if { req.payload_lv(0,1) -m str a }") == 10);
  CHECK(lacks("\x16\x03", "accept if { req.ssl_sni -m str a }") == 5);
  CHECK(lacks({"\x16\x03\x01\x02\x00\x01", 6}, "accept if { req.ssl_sni -m str a }") == 517);
}
