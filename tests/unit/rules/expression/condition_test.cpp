#include "lb/rules/expression/condition.h"

#include "lb/rules/expression/acl_parser.h"
#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules::expression;

TEST_CASE("every matcher compares in its way") {
  const std::pair<std::string, std::string> cases[] = {
      {"{ path -m found }", "yes"},
      {"{ req.hdr(none) -m found }", "no"},
      {"{ int(2) -m bool }", "yes"},
      {"{ int(0) -m bool }", "no"},
      {"{ dst_port 443 }", "yes"},
      {"{ dst_port 1:442 444: }", "no"},
      {"{ int(1) lt -9223372036854775808 }", "no"},
      {"{ int(1) gt 9223372036854775807 }", "no"},
      {"{ dst_port lt 444 }", "yes"},
      {"{ dst_port gt 443 }", "no"},
      {"{ src 10.0.0.0/8 }", "yes"},
      {"{ src 10.1.2.4/31 }", "no"},
      {"{ dst 2001:db8::/32 }", "yes"},
      {"{ dst 10.0.0.0/8 }", "no"},
      {"{ bin(00ff) -m bin 00FF }", "yes"},
      {"{ bin(00ff) -m bin 00 }", "no"},
      {"{ path_len 9 }", "yes"},
      {"{ path_len le 8 }", "no"},
      {"{ path /a /a/b.html }", "yes"},
      {"{ path /A/b.html }", "no"},
      {"{ path -i /A/b.html }", "yes"},
      {"{ path_beg /a/ }", "yes"},
      {"{ path_beg a }", "no"},
      {"{ path_end .html }", "yes"},
      {"{ path_end /b }", "no"},
      {"{ path_sub /b. }", "yes"},
      {"{ path_sub B }", "no"},
      {"{ path_dir a }", "yes"},
      {"{ path_dir b }", "no"},
      {"{ hdr_dom(host) example }", "yes"},
      {"{ hdr_dom(host) xample }", "no"},
      {"{ path_reg ^/a/.\\.html$ }", "yes"},
      {"{ path_reg ^/b }", "no"},
      {"{ method POST GET }", "yes"},
      {"{ method get }", "no"},
      {"{ hdr(x-list) one }", "yes"},
      {"{ hdr(x-list,2) one }", "no"},
      {"{ urlp 1 }", "yes"},
      {"{ ssl_fc_sni_end .example }", "yes"},
      {"{ req.hdr_beg(host) www }", "yes"},
  };
  Scene scene;
  for (const auto& [text, holds] : cases) {
    INFO(text);
    CHECK(scene.condition(text) == holds);
  }
}

TEST_CASE("conditions are joined by and, or, not, if and unless") {
  Scene scene;
  scene.acl("yes always_true");
  scene.acl("no always_false");
  scene.acl("either path /nowhere");
  scene.acl("either path_beg /a");
  const std::pair<std::string, std::string> cases[] = {
      {"yes", "yes"},
      {"if yes", "yes"},
      {"unless yes", "no"},
      {"if no", "no"},
      {"unless no", "yes"},
      {"yes no", "no"},
      {"yes yes", "yes"},
      {"no or yes", "yes"},
      {"no || no", "no"},
      {"no yes or yes yes", "yes"},
      {"!no", "yes"},
      {"! no", "yes"},
      {"!!no", "no"},
      {"!yes or no", "no"},
      {"either", "yes"},
      {"!{ path /x }", "yes"},
      {"yes { path_beg /a }", "yes"},
      {"TRUE", "yes"},
      {"FALSE or TRUE", "yes"},
      {"! { always_true }", "no"},
      {"METH_GET", "yes"},
      {"METH_POST", "no"},
      {"HTTP", "yes"},
      {"HTTP_1.1 !HTTP_1.0 !HTTP_2.0", "yes"},
      {"HTTP_CONTENT", "no"},
      {"HTTP_URL_SLASH", "yes"},
      {"HTTP_URL_STAR", "no"},
      {"HTTP_URL_ABS", "no"},
      {"LOCALHOST", "no"},
  };
  for (const auto& [text, holds] : cases) {
    INFO(text);
    CHECK(scene.condition(text) == holds);
  }
  CHECK(Condition().holds(scene.context, scene.arena));
}

TEST_CASE("an ACL's later lines count for the conditions that are there already") {
  Scene scene;
  scene.acl("here path /nowhere");
  const auto condition = scene.compiler.condition(Scene::words("if here"));
  REQUIRE(condition);
  CHECK_FALSE(condition->holds(scene.context, scene.arena));
  scene.acl("here path_beg /a");
  CHECK(condition->holds(scene.context, scene.arena));
}

TEST_CASE("every ACL of HAProxy's own compiles") {
  Scene scene;
  for (const std::string& name : predefined_acl_names()) {
    INFO(name);
    const std::string said = scene.condition(name);
    CHECK((said == "yes" || said == "no"));
  }
}

TEST_CASE("acl() looks at ACLs as they are where it stands, and no ACL at itself") {
  Scene scene;
  scene.acl("a path /nowhere");
  scene.acl("b acl(a)");
  scene.acl("a acl(b)");
  scene.acl("a path_beg /a");
  CHECK(scene.condition("a") == "yes");
  CHECK(scene.condition("b") == "no");
  CHECK(scene.condition("{ acl(a,!b) }") == "yes");
  CHECK(scene.condition("{ acl(c) }") == "error at 1:4: no ACL 'c', argument 1 of 'acl'");
}

TEST_CASE("patterns come from files too") {
  Scene scene;
  scene.files.files = {{"paths", "# comment\n\n/x\n  /a\n"},
                       {"upper", "WWW.EXAMPLE.COM\r\n"},
                       {"map", "/a/b.html some value\n"},
                       {"no_map", "/a/b.html some value\n"},
                       {"nets", "10.0.0.0/8\nx\n"}};
  CHECK(scene.condition("{ path_beg -f paths }") == "yes");
  CHECK(scene.condition("{ path_end -f paths }") == "no");
  CHECK(scene.condition("{ hdr(host) -f upper }") == "no");
  CHECK(scene.condition("{ hdr(host) -i -f upper }") == "yes");
  CHECK(scene.condition("{ hdr(host) -f upper -i }") == "no");
  CHECK(scene.condition("{ hdr(host) -m str -f upper www.example.com }") == "yes");
  CHECK(scene.condition("{ path -M -f map }") == "yes");
  CHECK(scene.condition("{ path -f no_map }") == "no");
  CHECK(scene.condition("{ src -f nets }") ==
        "error at 3:0: 'nets': line 2: 'x' is not an IP address or block (accepted: 10.0.0.0/8, "
        "2001:db8::/32, 192.0.2.7; names are not looked up)");
  CHECK(scene.condition("{ path -f none }") == "error at 3:0: 'none': no such file");
}

TEST_CASE("mistakes in conditions are told in words, with their place") {
  const std::pair<std::string, std::string> cases[] = {
      {"", "error at 0:0: no condition"},
      {"if", "error at 0:0: no condition behind 'if'"},
      {"if nowhere", "error at 1:0: no ACL 'nowhere'"},
      {"if METH_GTE", "error at 1:0: no ACL 'METH_GTE'; did you mean 'METH_GET'?"},
      {"TRUE and TRUE",
       "error at 1:0: no ACL 'and'; conditions in a row must hold together without a word between them"},
      {"TRUE or", "error at 1:0: no condition behind 'or'"},
      {"or TRUE", "error at 0:0: no condition before 'or'"},
      {"!", "error at 0:0: no ACL behind '!'"},
      {"TRUE !", "error at 1:0: no ACL behind '!'"},
      {"if { path /", "error at 1:0: a '{' without its '}' (both are words of their own)"},
      {"if { }",
       "error at 2:0: no criterion (accepted: a fetch such as path_beg, and what it is compared with)"},
      {"{ pat /x }", "error at 1:0: no fetch 'pat'; did you mean 'path'?"},
      {"{ src_glitch_rate gt 5 }", "error at 1:0: reseal does not have 'src_glitch_rate' yet"},
      {"{ path -m bge /x }",
       "error at 3:0: no matching method 'bge' (accepted: found, bool, int, ip, bin, len, str, beg, end, "
       "sub, dir, dom or reg); did you mean 'beg'?"},
      {"{ path -x /x }",
       "error at 2:0: no flag '-x' (accepted: -i, -f FILE, -m METHOD, -M, -n, -u ID, and -- before patterns "
       "that begin with '-')"},
      {"{ path -f a -m beg }", "error at 4:0: -m stands before -f"},
      {"{ path -m }", "error at 2:0: no matching method behind -m"},
      {"{ dst_port ge }", "error at 2:0: no number behind 'ge'"},
      {"{ dst_port 80:a }",
       "error at 2:0: '80:a' is not an integer or a range of them (accepted: 80, 1024:65535, 1024:, :1023)"},
      {"{ dst_port gt 1:2 }", "error at 3:0: '1:2' is not an integer, as 'gt' needs one"},
      {"{ var(txn.x) 5 }",
       "error at 1:0: a value of type any is compared in no way of its own (accepted: -m and a matching "
       "method before the patterns)"},
      {"{ bin(00) -m ip ::1 }",
       "error at 1:0: -m ip takes a value of type address, and this one is of type binary"},
      {"{ path_beg(3) / }", "error at 1:9: 'path_beg' takes no arguments, but found '3'"},
      {"{ path,lowr / }", "error at 1:5: no converter 'lowr'; did you mean 'lower'?"},
      {"{ path;lower / }", "error at 1:4: ';lower' behind the criterion (accepted: ',' and a converter)"},
      {"{ path_reg (?=x) }",
       "error at 2:0: '(?=x)': regular expressions have no look-ahead, (?=...); they are those of RE2, whose "
       "time is bounded"},
      {"{ path_reg (a)\\1 }",
       "error at 2:0: '(a)\\1': regular expressions have no back-references, \\1; they are those of RE2, "
       "whose time is bounded"},
      {"{ src 10.0.0.0/40 }", "error at 2:0: '10.0.0.0/40' has no prefix length from 0 to 32 behind '/'"},
      {"{ bin(00) -m bin 0 }", "error at 4:0: '0' is not an even number of hexadecimal digits"},
  };
  Scene scene;
  for (const auto& [text, said] : cases) {
    INFO(text);
    CHECK(scene.condition(text) == said);
  }
  const auto wrong = [&scene](const std::string& text) {
    const auto done = scene.compiler.declare_acl(Scene::words(text));
    return done ? std::string() : std::to_string(done.error().word) + ": " + done.error().message;
  };
  CHECK(wrong("or path /") == "0: 'or' joins conditions and is no name of an ACL");
  CHECK(wrong("a/b path /") ==
        "0: 'a/b' is not a name of an ACL (accepted: letters, digits, '-', '_', '.' and ':')");
  CHECK(wrong("name") ==
        "0: no criterion (accepted: a fetch such as path_beg, and what it is compared with)");
  CHECK(wrong("name path -m x").starts_with("3: no matching method 'x'"));
}

TEST_CASE("conditions tell what they need") {
  Scene scene;
  const auto condition =
      scene.compiler.condition(Scene::words("if { src 10.0.0.1 } { path / } or { status 200 }"));
  REQUIRE(condition);
  CHECK(condition->needs() == (kNeedsConnection | kNeedsRequestHead | kNeedsResponse));
}

TEST_CASE("a field of many values takes memory by what they hold") {
  Scene scene;
  const std::string commas(16'000, ',');
  scene.request.add(http::FieldName::kOther, "X-Many", commas);
  scene.files.files = {{"m", "^(.?) \\1x\n"}};
  for (const char* converter : {"regsub(^,b)", "map_regm(m)"}) {
    const auto condition = scene.compiler.condition(
        Scene::words("{ req.hdr(x-many)," + std::string(converter) + " -m str never }"));
    REQUIRE(condition);
    CHECK_FALSE(condition->holds(scene.context, scene.arena));
    // One byte each goes into a few chunks; a whole text each would have been 250 MB.
    CHECK(scene.pool.in_use() < 64);
  }
}
