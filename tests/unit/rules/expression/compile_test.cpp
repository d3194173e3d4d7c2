#include "lb/rules/expression/compiler.h"
#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules::expression;

TEST_CASE("mistakes in expressions are told in words, with their place") {
  const std::tuple<std::string, std::size_t, std::string> cases[] = {
      {"", 0, "no name of a fetch"},
      {"pth", 0, "no fetch 'pth'; did you mean 'path'?"},
      {"res.payload", 0, "reseal does not have 'res.payload' yet"},
      {"fc_pp_authority", 0, "reseal does not have 'fc_pp_authority' yet"},
      {"sc_glitch_rate(0)", 0, "reseal does not have 'sc_glitch_rate' yet"},
      {"path,mqtt_is_valid", 5, "reseal does not have 'mqtt_is_valid' yet"},
      {"path,in_table(x)", 14, "stick tables are not available here, argument 1 of 'in_table'"},
      {"path,", 5, "no name of a converter"},
      {"path lower", 4, "' lower' behind the expression (accepted: ',' and a converter)"},
      {"path(", 5, "no ')' behind the arguments"},
      {"path(x)", 5, "'path' takes no arguments, but found 'x'"},
      {"int", 3, "'int' needs 1 argument, but has none"},
      {"int()", 4, "'' is not an integer, argument 1 of 'int'"},
      {"int(x)", 4, "'x' is not an integer, argument 1 of 'int'"},
      {"int(1,2)", 6, "'int' takes no more than 1 argument, but found '2'"},
      {"str('a)", 4, "a quote (') that is not closed"},
      {"path,field(1)", 10, "'field' needs 2 arguments, but has 1"},
      {"path,field(0,/)", 10, "'field': pieces are counted from 1, or from -1 backwards"},
      {"ipv4(1.2.3)", 5, "'1.2.3' is not an IPv4 address, argument 1 of 'ipv4'"},
      {"src,ipmask(33)", 11,
       "'33' is not a mask for IPv4 (accepted: 0 to 32, or as in 255.255.255.0), argument 1 of 'ipmask'"},
      {"bool(x)", 4, "'bool': 'x' is not a boolean (accepted: true, false, 1 or 0)"},
      {"bin(0)", 3, "'bin': '0' is not an even number of hexadecimal digits"},
      {"date(0,h)", 4, "'date': 'h' is not a unit of time (accepted: s, ms or us)"},
      {"uuid(1)", 4, "'uuid': no other version of UUIDs than 4"},
      {"rand(0)", 4, "'rand': the bound is not a number from 1 to 4294967295"},
      {"var(foo)", 4,
       "'foo' does not begin with the scope of a variable (proc., sess., txn., req. or res.), argument 1 of "
       "'var'"},
      {"var(txn.a-b)", 4,
       "'txn.a-b' has a character that names of variables may not have (accepted: letters, digits, '.' and "
       "'_'), argument 1 of 'var'"},
      {"path,set-var(proc.x)", 12, "'set-var': variables of the process (proc.) are only read here"},
      {"bin(00),add(1)", 8, "'add' takes a value of type integer, and the one before it is of type binary"},
      {"path,regsub(a,b,x)", 11, "'regsub': 'x' is not made of flags (accepted: g, i or both)"},
      {"path,regsub('(',b)", 11, "'regsub': '(': not a regular expression: missing ): ("},
      {"path,url_enc(x)", 12, "'url_enc': 'x' is not a way to encode (accepted: query)"},
  };
  Scene scene;
  for (const auto& [text, offset, said] : cases) {
    INFO(text);
    const auto expression = scene.compiler.expression(text);
    REQUIRE_FALSE(expression);
    CHECK(expression.error().message == said);
    CHECK(expression.error().offset == offset);
  }
  std::string many = "path";
  for (int i = 0; i < 33; ++i) many += ",lower";
  CHECK(scene.value(many) == "error: more than 32 converters");
}

TEST_CASE("without an environment, what needs one is refused") {
  const Environment empty;
  const Compiler compiler(empty);
  CHECK(compiler.expression("var(txn.x)").error().message.starts_with("variables are not available here"));
  CHECK(compiler.expression("path,map(f)").error().message == "'map': 'f': files are not available here");
  CHECK(compiler.condition(Scene::words("{ path -f f }")).error().message ==
        "'f': files are not available here");
}

TEST_CASE("format strings are filled in") {
  const std::pair<std::string, std::string> cases[] = {
      {"plain", "plain"},
      {"", ""},
      {"100%%", "100%"},
      {"<%[path]>", "</a/b.html>"},
      {"%[src]:%[src_port]", "10.1.2.3:40000"},
      {"%[req.hdr(none)]", ""},
      {"%[query,regsub([?;&]*,'')]", "x=1&y=two"},
      {"%[str(a%0d%0ab),url_dec]", "a%0D%0Ab"},
      {"%{+E}[str(a]b)]", "a\\]b"},
      {"%{+Q}[path]", "/a/b.html"},
      {"%{+E}o%[str(])]%{-E}[str(])]", "\\]]"},
      {"%ci:%cp", "10.1.2.3:40000"},
      {"%r", "GET /received HTTP/1.1"},
      {"%{+Q}HM-%HP", "\"GET\"-/received"},
  };
  Scene scene;
  for (const auto& [text, value] : cases) {
    INFO(text);
    CHECK(scene.format(text) == value);
  }
  CHECK(scene.format("%{+Q}[path] %[req.hdr(none)] %[str(a%0ab),url_dec]", Format::Use::kLog) ==
        "\"/a/b.html\" - a\nb");
}

TEST_CASE("mistakes in format strings are told in words, with their place") {
  const std::tuple<std::string, std::size_t, std::string> cases[] = {
      {"a%", 1, "a single '%' (accepted: %[expression]; a percent sign of its own is written %%)"},
      {"a%Tw", 1, "no variable '%Tw' here (accepted: %[expression], %H, "},
      {"%[path", 1, "no ']' behind the expression"},
      {"%[path lower]", 6, "' lower]' behind the expression (accepted: ',' and a converter, or ']')"},
      {"x%[pth]", 3, "no fetch 'pth'; did you mean 'path'?"},
      {"%{+Z}[path]", 3, "'Z' is not a flag (accepted: Q, E and X, each behind + or -)"},
      {"%{+Q[path]", 1, "no '}' behind the flags"},
  };
  Scene scene;
  for (const auto& [text, offset, said] : cases) {
    INFO(text);
    const auto format = scene.compiler.format(text);
    REQUIRE_FALSE(format);
    CHECK(format.error().message.starts_with(said));
    CHECK(format.error().offset == offset);
  }
}

TEST_CASE("values convert as HAProxy's casts do") {
  constexpr Type kTypes[] = {Type::kBool,   Type::kInteger, Type::kIpv4,  Type::kIpv6,
                             Type::kString, Type::kBinary,  Type::kMethod};
  // Rows from, columns to, in the order above.
  constexpr std::string_view kMatrix[] = {"yy..y..", "yyyyyy.", ".yyyyy.", "..yyyy.",
                                          "yyyyyyy", "....yyy", "....yyy"};
  for (std::size_t from = 0; from < std::size(kTypes); ++from) {
    for (std::size_t to = 0; to < std::size(kTypes); ++to) {
      INFO(type_name(kTypes[from]) << " to " << type_name(kTypes[to]));
      CHECK(is_convertible(kTypes[from], kTypes[to]) == (kMatrix[from][to] == 'y'));
    }
  }
  BufferPool pool;
  Arena arena(pool);
  for (const Type from : kTypes) {
    for (const Type to : kTypes) {
      Sample sample = Sample::string("x");
      sample.type = from;
      if (!is_convertible(from, to)) CHECK_FALSE(convert(sample, to, arena));
    }
  }
}
