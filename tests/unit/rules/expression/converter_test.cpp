#include "lb/rules/expression/converter.h"

#include <set>

#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules::expression;

namespace {

struct Case {
  std::string_view text;
  std::string_view value;
};

// At least one for every row; HAProxy's own answers to many more are in tests/differential.
const Case kCases[] = {
    {"str(a),capture-req(0)", "-"},  // nothing keeps captures here
    {"str(a),capture-res(0)", "-"},
    {"int(5),add(3)", "integer 8"},
    {"int(6),and(3)", "integer 2"},
    {"int(6),bool", "boolean 1"},
    {"int(0),cpl", "integer -1"},
    {"int(7),div(2)", "integer 3"},
    {"int(7),div(0)", "integer 9223372036854775807"},
    {"int(7),even", "boolean 0"},
    {"bool(1),iif(a,b)", "string a"},
    {"int(7),mod(4)", "integer 3"},
    {"int(7),mul(-2)", "integer -14"},
    {"int(7),neg", "integer -7"},
    {"int(7),not", "boolean 0"},
    {"int(7),odd", "boolean 1"},
    {"int(6),or(1)", "integer 7"},
    {"int(6),sub(7)", "integer -1"},
    {"int(6),xor(2)", "integer 4"},
    {"str(abcdef),bytes(2,3)", "binary cde"},
    {"str(a\\nb),cut_crlf", "string a"},
    {"path,field(2,/)", "string a"},
    {"path,length", "integer 9"},
    {"str(AbC),lower", "string abc"},
    {"str(xxa),ltrim(x)", "string a"},
    {"str(aXbX),regsub(x,-,gi)", "string a-b-"},
    {"str(axx),rtrim(x)", "string a"},
    {"str(AbC),upper", "string ABC"},
    {"str(--a--b),word(2,-)", "string b"},
    {"str(a b),word(9, )", "string "},
    {"bin(01020304),be2dec(:,3)", "string 66051:4"},
    {"bin(01020304),be2dec(:,3,1)", "string 66051"},
    {"bin(01020304),be2hex(:,3)", "string 010203:04"},
    {"bin(0102),be2hex", "string 0102"},
    {"bin(0102),le2dec(:,2)", "string 513"},
    {"str(a),debug", "string a"},
    {"str(a),digest(md5),hex", "string 0CC175B9C0F1B6A831C399E269772661"},
    {"str(a),digest(none)", "error: 'digest': 'none' is not a digest that is there"},
    {"str(a),hmac(md5,a2V5),hex", "string 80EA44CCEA14CC2263889567CFACCCD7"},
    {"str(a),hmac(md5,!)", "error: 'hmac': '!' is neither base64 nor a variable's name"},
    {"str(a),sha1,hex", "string 86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8"},
    {"str(a),sha2,hex,bytes(0,8)", "binary CA978112"},
    {"str(a),sha2(1)", "error: 'sha2': there is no SHA-2 of 1 bits (accepted: 224, 256, 384 or 512)"},
    {"str(a),aes_gcm_enc(128,MDEyMzQ1Njc4OTAx,MDEyMzQ1Njc4OWFiY2RlZg==,txn.tag),"
     "aes_gcm_dec(128,MDEyMzQ1Njc4OTAx,MDEyMzQ1Njc4OWFiY2RlZg==,txn.tag)",
     "binary a"},
    {"str(a),aes_gcm_dec(128,MDEyMzQ1Njc4OTAx,MDEyMzQ1Njc4OWFiY2RlZg==,MDEyMzQ1Njc4OWFiY2RlZg==)", "-"},
    {"str(a),aes_gcm_dec(64,MDEyMzQ1Njc4OTAx,MDEyMzQ1Njc4OWFiY2RlZg==,MDEyMzQ1Njc4OWFiY2RlZg==)",
     "error: 'aes_gcm_dec': keys have 128, 192 or 256 bits, not 64"},
    {"str('fr;q=0.5, de'),language(de;fr)", "string de"},
    {"str(sv),language(de;fr,en)", "string en"},
    {"str(app),nbsrv", "integer 1"},
    {"str(none),nbsrv", "-"},
    {"str(s1),srv_queue", "integer 7"},
    {"str(Lorem),wt6", "integer 935012816"},
    {"str('{\"a\": {\"b\": [1, \"x\\u0041\"]}}'),json_query($.a.b[1])", "string xA"},
    {"str('{\"a\": 12}'),json_query($.a,int)", "integer 12"},
    {"str('{\"a\": 1.50}'),json_query($.a)", "string 1.5"},
    {"str('{\"a\": null}'),json_query($.a)", "-"},
    {"str('{\"a\" 1}'),json_query($.a)", "-"},
    {"str([[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]),json_query($[0])", "-"},
    {"str(x),json_query(a)", "error: 'json_query': 'a' is not a path such as $.user.roles[0]"},
    {"str(eyJhIjoxfQ.eyJiIjoyfQ.x),jwt_header_query($.a,int)", "integer 1"},
    {"str(eyJhIjoxfQ.eyJiIjoyfQ.x),jwt_payload_query", "string {\"b\":2}"},
    {"str(a.b.cc),jwt_verify(HS256,secret)", "integer 0"},
    {"str(a.b),jwt_verify(HS256,secret)", "integer -3"},
    {"str(a.b.c),jwt_verify(RS256,none.pem)", "error: 'jwt_verify': 'none.pem': no such file"},
    {"str(aGk=),b64dec", "binary hi"},
    {"str(aGk=x),b64dec", "-"},
    {"str(hi),base64", "string aGk="},
    {"str(hi),hex", "string 6869"},
    {"str(a/b),json", "string a\\/b"},
    {"str(%22%5c%0a%01%7f%c3),url_dec,json", "string \\\"\\\\\\n\\u0001\\u007f\\u00c3"},
    {"str(%c3%a9%f0%9f%98%80),url_dec,json(utf8)", "string \\u00e9\\ud83d\\ude00"},
    {"str(a%ff%c3b),url_dec,json(utf8)", "-"},
    {"str(a%ff%c3b%e2%82),url_dec,json(utf8s)", "string ab"},
    {"str(%c0%af%ed%a0%80%f4%90%80%80x),url_dec,json(utf8s)", "string x"},
    {"str(x),json(latin)",
     "error: 'json': 'latin' is not a coding (accepted: ascii, utf8, utf8s, utf8p or utf8ps)"},
    {"str(ff),hex2i", "integer 255"},
    {"int(258),htonl,hex", "string 00000102"},
    {"str(aGk),ub64dec", "binary hi"},
    {"str(hi),ub64enc", "string aGk"},
    {"str(a%20b),url_dec", "string a b"},
    {"str(a b/c),url_enc", "string a%20b%2Fc"},
    {"str(123456789),crc32", "integer 3421780262"},
    {"str(123456789),crc32c", "integer 3808858755"},
    {"str(a),djb2", "integer 177670"},
    {"str(a),sdbm", "integer 97"},
    {"bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),"
     "fix_is_valid",
     "boolean 1"},
    {"bin(383d4649582e342e3201393d31380133353d410134393d6d650135363d796f750131303d30303101),fix_is_valid",
     "boolean 0"},
    {"bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f75013130303031),fix_is_valid", "-"},
    {"bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d31),fix_is_valid",
     "-"},
    {"bin(),fix_is_valid", "-"},
    {"bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),"
     "fix_tag_value(MsgType)",
     "binary A"},
    {"bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),"
     "fix_tag_value(49)",
     "binary me"},
    {"bin(383d4649582e342e3201393d32360133353d410134393d6d650135363d796f750131303030313d780131303d30313601),"
     "fix_tag_value(1)",
     "-"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(1,"
     "int32)",
     "integer 150"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(2)",
     "binary hi"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(3.1,"
     "int32)",
     "integer 5"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(3.2,"
     "int32)",
     "-"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(6,"
     "float)",
     "integer 1"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(7,"
     "double)",
     "integer 2"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(8,"
     "sint32)",
     "integer -3"},
    {"bin(089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),protobuf(4,"
     "sfixed32)",
     "integer 1"},
    {"bin(39000000000000f07f),protobuf(7,double)", "-"},
    {"bin(25ffffffff),protobuf(4,sfixed32)", "integer -1"},
    {"bin(12ffffffffffffffffff01),protobuf(2)", "-"},
    {"bin(12ffffffff0f68),protobuf(2)", "-"},
    {"bin(1a),protobuf(3.1)", "-"},
    {"bin(08ffffffffffffffffffff01),protobuf(1,int64)", "-"},
    {"bin(0b),protobuf(1)", "-"},
    {"bin(0000000029089601120268691a0208052501000000290200000000000000350000c03f3900000000000004404005),"
     "ungrpc(2)",
     "binary hi"},
    {"bin("
     "0000000001080000000029089601120268691a0208052501000000290200000000000000350000c03f390000000000000440400"
     "5),ungrpc(2)",
     "binary hi"},
    {"bin(00ffffffff08),ungrpc(1)", "-"},
    {"bin(00000000),ungrpc(1)", "-"},
    {"str(),fix_tag_value(Colour)",
     "error: 'fix_tag_value': 'Colour' is not a tag of FIX (accepted: its number, BeginString, BodyLength, "
     "CheckSum, MsgType, SenderCompID or TargetCompID)"},
    {"str(),xxh3", "integer 3244421341483603138"},
    {"str(Lorem),xxh3", "integer 2942894418190990444"},
    {"str(The quick brown fox),xxh3", "integer -524345782384385356"},
    {"str(),xxh32", "integer 46947589"},
    {"str(),xxh64", "integer -1205034819632174695"},
    {"str(A.example:80),host_only", "string a.example"},
    {"src,ipmask(16)", "IPv4 address 10.1.0.0"},
    {"dst,ipmask(16,32)", "IPv6 address 2001:db8::"},
    {"dst,ipmask(16)", "-"},
    {"str([::1]:80),port_only", "integer 80"},
    {"int(1700000000),http_date", "string Tue, 14 Nov 2023 22:13:20 GMT"},
    {"int(1700000000123),ms_utime(%S.%3N)", "string 20.123"},
    {"int(1700000000123),ms_utime(%N%%N%,877)", "string 000000000%N%"},
    {"int(-1),ms_utime(%Y %4N)", "string 1969 9990"},
    {"int(9223372036854775807),ms_utime(%Y,1)", "-"},
    {"int(1700000000123456),us_utime(%H:%M:%S.%6N)", "string 22:13:20.123456"},
    {"int(1700000000123),ms_ltime(%3N)", "string 123"},
    {"int(1700000000123456),us_ltime(%6N)", "string 123456"},
    {"int(1700000000),utime(%Y-%m-%dT%H:%M:%S)", "string 2023-11-14T22:13:20"},
    {"int(1700000000),ltime(%s)", "string 1700000000"},
    {"str(a),add_item(-,,b)", "string a-b"},
    {"str(a),concat(-,txn.none,+)", "string a-+"},
    {"str(a),set-var(txn.a),secure_memcmp(txn.a)", "boolean 1"},
    {"str(a),set-var(txn.a)", "string a"},
    {"str(b),strcmp(txn.a)", "integer 1"},
    {"str(b),unset-var(txn.a),strcmp(txn.a)", "-"},
    {"str(k),map(m,x)", "string v"},
    {"str(q),map(m,x)", "string x"},
    {"str(q),map(m)", "-"},
    {"str(key),map_beg(m)", "string v"},
    {"str(key),map_beg_int(n)", "integer 5"},
    {"str(key),map_beg_ip(a)", "IPv4 address 192.0.2.1"},
    {"str(/k/),map_dir(m)", "string v"},
    {"str(/k/),map_dir_int(n)", "integer 5"},
    {"str(/k/),map_dir_ip(a)", "IPv4 address 192.0.2.1"},
    {"str(x.k),map_dom(m)", "string v"},
    {"str(x.k),map_dom_int(n)", "integer 5"},
    {"str(x.k),map_dom_ip(a)", "IPv4 address 192.0.2.1"},
    {"str(k),map_end(m)", "string v"},
    {"str(xk),map_end_int(n)", "integer 5"},
    {"str(xk),map_end_ip(a)", "IPv4 address 192.0.2.1"},
    {"int(80),map_int(numbers)", "string http"},
    {"int(80),map_int_int(doubles)", "integer 160"},
    {"int(80),map_int_ip(servers,10.0.0.1)", "IPv4 address 192.0.2.80"},
    {"int(81),map_int_ip(servers,10.0.0.1)", "IPv4 address 10.0.0.1"},
    {"src,map_ip(nets)", "string inner"},
    {"src,map_ip_int(nets_int,3)", "integer 1"},
    {"dst,map_ip_int(nets_int,3)", "integer 3"},
    {"src,map_ip_ip(nets_ip)", "IPv4 address 10.9.9.9"},
    {"str(key),map_reg(m)", "string v"},
    {"str(key),map_reg_int(n)", "integer 5"},
    {"str(key),map_reg_ip(a)", "IPv4 address 192.0.2.1"},
    {"str(a-b),map_regm(groups)", "string b:a"},
    {"str(k),map_str(m)", "string v"},
    {"str(k),map_str_int(n)", "integer 5"},
    {"str(k),map_str_ip(a)", "IPv4 address 192.0.2.1"},
    {"str(xkx),map_sub(m)", "string v"},
    {"str(xkx),map_sub_int(n)", "integer 5"},
    {"str(xkx),map_sub_ip(a)", "IPv4 address 192.0.2.1"},
};

void add_maps(Scene& scene) {
  scene.files.files = {{"m", "# what\n\n  k   v  \n"},
                       {"n", "k 5\n"},
                       {"a", "k 192.0.2.1"},
                       {"numbers", "80 http\n"},
                       {"doubles", "80 160\n"},
                       {"servers", "80 192.0.2.80\n"},
                       {"nets", "10.0.0.0/8 outer\n10.1.0.0/16 inner\n"},
                       {"nets_int", "10.0.0.0/8 1\n"},
                       {"nets_ip", "10.0.0.0/8 10.9.9.9\n"},
                       {"groups", "^(.)-(.)$ \\2:\\1\n"},
                       {"bad", "k five\n"},
                       {"bad_net", "10.0.0.0/33 x\n"}};
}

}  // namespace

TEST_CASE("every converter does what it says") {
  Scene scene;
  add_maps(scene);
  for (const Case& one : kCases) {
    INFO(one.text);
    CHECK(scene.value(one.text) == one.value);
  }
}

TEST_CASE("every converter has a case") {
  std::string all;
  for (const Case& one : kCases) all += std::string(one.text) + ",";
  for (const ConverterRow& row : stick_converters()) all += std::string(row.name) + ",";  // stick_test.cpp
  for (const std::string& name : converter_names()) {
    INFO(name);
    CHECK(
        (all.find("," + name + ",") != std::string::npos || all.find("," + name + "(") != std::string::npos));
  }
}

TEST_CASE("maps with mistakes are refused with file and line") {
  Scene scene;
  add_maps(scene);
  CHECK(scene.value("path,map_str_int(bad)") ==
        "error: 'map_str_int': 'bad': line 1: 'five' is not an integer");
  CHECK(scene.value("src,map_ip(bad_net)")
            .find("'bad_net': line 1: '10.0.0.0/33' has no prefix length from 0 to 32") != std::string::npos);
  CHECK(scene.value("path,map(none)") == "error: 'map': 'none': no such file");
  CHECK(scene.value("path,map_str_int(n,x)").find("'x', is not an integer") != std::string::npos);
}

TEST_CASE("what is longer than the bound is cut or is no value") {
  Scene scene;
  const std::string longest(Sample::kMostText, 'a');
  scene.request.add(http::FieldName::kOther, "X-Long", longest);
  CHECK(scene.value("req.fhdr(x-long),concat(b),length") == "integer 16384");
  CHECK(scene.value("req.fhdr(x-long),base64") == "-");
  CHECK(scene.value("req.fhdr(x-long),hex") == "-");
  CHECK(scene.value("req.fhdr(x-long),upper,length") == "integer 16384");
  CHECK(scene.value("req.fhdr(x-long),regsub(a,bb,g),length") == "integer 16384");
  // An expression that looks to the end for each of 16,384 matches is given up.
  CHECK(scene.value("req.fhdr(x-long),regsub('a.*c|a',b,g)") == "-");
  CHECK(scene.format("%[req.fhdr(x-long)]b").size() == Sample::kMostText);
}

TEST_CASE("variables keep their type and are bounded") {
  Scene scene;
  CHECK(scene.value("src,set-var(txn.a)") == "IPv4 address 10.1.2.3");
  CHECK(scene.value("var(txn.a)") == "IPv4 address 10.1.2.3");
  CHECK(scene.value("int(3),set-var(txn.b),add(txn.b)") == "integer 6");
  const std::string long_text(16000, 'x');
  scene.request.add(http::FieldName::kOther, "X-Long", long_text);
  // A text takes the place of an earlier one of its variable, as often as it is set.
  for (int i = 0; i < 9; ++i) CHECK(scene.value("req.fhdr(x-long),set-var(txn.c),length") == "integer 16000");
  CHECK(scene.value("var(txn.c),bytes(15999),set-var(txn.c)") == "binary x");
  CHECK(scene.value("var(txn.c)") == "binary x");
  for (const char* name : {"d", "e", "f"})
    CHECK(scene.value("req.fhdr(x-long),set-var(txn." + std::string(name) + "),length") == "integer 16000");
  // No room is left for a fifth text.
  CHECK(scene.value("req.fhdr(x-long),set-var(txn.g),length") == "integer 16000");
  CHECK(scene.value("var(txn.g)") == "-");
  scene.transaction.clear();
  CHECK(scene.value("var(txn.a)") == "-");
  CHECK(scene.value("str(x),set-var(sess.a)") == "string x");  // there is no such store: nothing is kept
  CHECK(scene.value("var(sess.a)") == "-");
}
