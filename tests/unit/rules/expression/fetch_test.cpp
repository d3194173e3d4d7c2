#include "lb/rules/expression/fetch.h"

#include <algorithm>
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
    {"always_false", "boolean 0"},
    {"always_true", "boolean 1"},
    {"bin(4869)", "binary Hi"},
    {"bool(true)", "boolean 1"},
    {"bool(0)", "boolean 0"},
    {"date", "integer 1700000000"},
    {"date(-10)", "integer 1699999990"},
    {"date(0,ms)", "integer 1700000000123"},
    {"date(5,us)", "integer 1700000000123461"},
    {"date_us", "integer 123456"},
    {"env(COLOUR)", "string blue"},
    {"env(NONE)", "-"},
    {"hostname", "string lb.example"},
    {"int(-5)", "integer -5"},
    {"ipv4(10.0.0.1)", "IPv4 address 10.0.0.1"},
    {"ipv6(2001:DB8::1)", "IPv6 address 2001:db8::1"},
    {"meth(GET)", "method GET"},
    {"nbproc", "integer 1"},
    {"proc", "integer 1"},
    {"str('a,b')", "string a,b"},
    {"var(txn.none)", "-"},
    {"var(txn.none,x)", "string x"},
    {"avg_queue(app)", "integer 8"},
    {"bc_dst", "IPv4 address 10.8.8.8"},
    {"bc_dst_port", "integer 8443"},
    {"bc_err", "integer 0"},
    {"bc_err_str", "string Success"},
    {"bc_http_major", "integer 2"},
    {"bc_src", "IPv4 address 10.9.9.9"},
    {"bc_src_port", "integer 50000"},
    {"res.cache_hit", "boolean 0"},
    {"res.cache_name", "-"},
    {"res.comp", "boolean 1"},
    {"res.comp_algo", "string gzip"},
    {"ssl_bc", "boolean 1"},
    {"ssl_bc_alg_keysize", "integer 256"},
    {"ssl_bc_alpn", "string h2"},
    {"ssl_bc_cipher", "string ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"ssl_bc_err", "integer 0"},
    {"ssl_bc_err_str", "-"},
    {"ssl_bc_is_resumed", "boolean 1"},
    {"ssl_bc_protocol", "string TLSv1.2"},
    {"ssl_bc_use_keysize", "integer 256"},
    {"ssl_fc_err", "integer 0"},
    {"ssl_fc_err_str", "-"},
    {"be_conn(app)", "integer 2"},
    {"be_conn_free(app)", "integer 3"},
    {"be_id", "integer 6"},
    {"be_server_timeout", "integer 7000"},
    {"be_sess_rate(app)", "integer 5"},
    {"be_tunnel_timeout", "integer 8000"},
    {"connslots(app)", "integer 4"},
    {"cur_server_timeout", "integer 7000"},
    {"cur_tunnel_timeout", "integer 8000"},
    {"dst_is_local", "boolean 0"},
    {"fc_dst", "IPv6 address 2001:db8::1"},
    {"fc_dst_is_local", "boolean 0"},
    {"fc_dst_port", "integer 443"},
    {"fc_err", "integer 0"},
    {"fc_err_str", "string Success"},
    {"fc_fackets", "-"},  // no socket is there
    {"fc_lost", "-"},
    {"fc_rcvd_proxy", "boolean 0"},
    {"fc_reordering", "-"},
    {"fc_retrans", "-"},
    {"fc_rtt(us)", "-"},
    {"fc_rttvar", "-"},
    {"fc_sacked", "-"},
    {"fc_src", "IPv4 address 10.1.2.3"},
    {"fc_src_is_local", "boolean 0"},
    {"fc_src_port", "integer 40000"},
    {"fc_unacked", "-"},
    {"fe_client_timeout", "integer 5000"},
    {"fe_conn", "integer 2"},
    {"fe_defbe", "string app"},
    {"fe_id", "integer 4"},
    {"fe_req_rate(web)", "integer 6"},
    {"fe_sess_rate", "integer 5"},
    {"http_auth(staff)", "boolean 1"},
    {"http_auth_bearer", "-"},
    {"http_auth_bearer(x-token)", "string abc"},
    {"http_auth_group(staff)", "string alice"},
    {"http_auth_pass", "string secret"},
    {"http_auth_type", "string Basic"},
    {"http_auth_user", "string alice"},
    {"http_first_req", "boolean 1"},
    {"nbsrv", "integer 1"},
    {"prio_class", "integer 0"},
    {"prio_offset", "integer 0"},
    {"queue", "integer 7"},
    {"quic_enabled", "boolean 0"},
    {"req.hdrs,length", "integer 140"},
    {"req.hdrs_bin,hex,bytes(0,10)", "binary 04686F7374"},
    {"res.hdrs,word(1,:)", "string set-cookie"},
    {"res.hdrs_bin,bytes(1,10)", "binary set-cookie"},
    {"so_id", "integer 2"},
    {"so_name", "string here"},
    {"src_is_local", "boolean 0"},
    {"srv_conn(s1)", "integer 2"},
    {"srv_conn_free(app/s1)", "integer 3"},
    {"srv_id", "integer 3"},
    {"srv_is_up(s1)", "boolean 1"},
    {"srv_iweight(s1)", "integer 11"},
    {"srv_queue(s1)", "integer 7"},
    {"srv_sess_rate(s1)", "integer 5"},
    {"srv_uweight(s1)", "integer 11"},
    {"srv_weight(s1)", "integer 10"},
    {"stopping", "boolean 0"},
    {"thread", "integer 0"},
    {"url_ip", "-"},
    {"url_port", "-"},
    {"be_name", "string app"},
    {"dst", "IPv6 address 2001:db8::1"},
    {"dst_port", "integer 443"},
    {"fc_http_major", "integer 1"},
    {"fe_name", "string web"},
    {"src", "IPv4 address 10.1.2.3"},
    {"src_port", "integer 40000"},
    {"srv_name", "string s1"},
    {"unique-id", "string id-1"},
    {"ssl_c_der", "binary 0"},
    {"ssl_c_i_dn", "string /CN=ca"},
    {"ssl_c_i_dn(CN)", "string ca"},
    {"ssl_c_key_alg", "string rsa"},
    {"ssl_c_notafter", "string 2701"},
    {"ssl_c_notbefore", "string 2601"},
    {"ssl_c_s_dn", "string /C=SE/OU=one/OU=two/CN=client/CN=admin"},
    {"ssl_c_s_dn(CN)", "string client/CN=admin"},
    {"ssl_c_s_dn(OU)", "string one"},
    {"ssl_c_s_dn(OU,2)", "string two"},
    {"ssl_c_s_dn(ou,2)", "string two"},
    {"ssl_c_s_dn(OU,-1)", "string two"},
    {"ssl_c_s_dn(OU,3)", "-"},
    {"ssl_c_s_dn(O)", "-"},
    {"ssl_c_serial,hex", "string 0A0B"},
    {"ssl_c_sha1,hex", "string 0C"},
    {"ssl_c_sig_alg", "string sha256"},
    {"ssl_c_used", "boolean 1"},
    {"ssl_c_verify", "integer 0"},
    {"ssl_c_version", "integer 3"},
    {"ssl_fc", "boolean 1"},
    {"ssl_fc_alg_keysize", "integer 128"},
    {"ssl_fc_alpn", "string h2"},
    {"ssl_fc_cipher", "string TLS_AES_128_GCM_SHA256"},
    {"ssl_fc_has_crt", "boolean 0"},
    {"ssl_fc_has_early", "boolean 0"},
    {"ssl_fc_has_sni", "boolean 1"},
    {"ssl_fc_is_resumed", "boolean 1"},
    {"ssl_fc_protocol", "string TLSv1.3"},
    {"ssl_fc_session_id,hex", "string 0102"},
    {"ssl_fc_sni", "string sni.example"},
    {"ssl_fc_unique_id,hex", "string 03"},
    {"req.ssl_hello_type", "integer 1"},
    {"req.ssl_sni", "string Hello.example"},
    {"req.ssl_alpn", "string h2"},
    {"req.ssl_cipherlist", "binary AB"},
    {"req.ssl_ec_ext", "boolean 1"},
    {"req.ssl_keyshare_groups", "binary GH"},
    {"req.ssl_sigalgs", "binary EF"},
    {"req.ssl_st_ext", "integer 2"},
    {"req.ssl_supported_groups", "binary CD"},
    {"req.ssl_ver", "integer 196611"},
    {"req_ssl_ver", "integer 196611"},
    {"acl(METH_GET)", "boolean 1"},
    {"acl(METH_GET,!METH_POST,TRUE)", "boolean 1"},
    {"acl(METH_GET,METH_POST)", "boolean 0"},
    {"req_ssl_hello_type", "integer 1"},
    {"req_ssl_sni", "string Hello.example"},
    {"ssl_fc_use_keysize", "integer 128"},
    {"base", "string www.example.com/a/b.html"},
    {"base32", "integer 587949375"},
    {"baseq", "string www.example.com/a/b.html?x=1&y=two"},
    {"capture.req.method", "string GET"},
    {"capture.req.uri", "string /received"},
    {"capture.req.ver", "string HTTP/1.1"},
    {"capture.res.ver", "string HTTP/1.1"},
    {"wait_end", "boolean 1"},
    {"method", "method GET"},
    {"path", "string /a/b.html"},
    {"pathq", "string /a/b.html?x=1&y=two"},
    {"query", "string x=1&y=two"},
    {"req.proto_http", "boolean 1"},
    {"req.ver", "string 1.1"},
    {"req_proto_http", "boolean 1"},
    {"req_ver", "string 1.1"},
    {"res.ver", "string 1.1"},
    {"resp_ver", "string 1.1"},
    {"status", "integer 302"},
    {"url", "string /a/b.html?x=1&y=two"},
    {"url32", "integer 2653418891"},
    {"url_param(y)", "string two"},
    {"urlp(x)", "string 1"},
    {"urlp_val(x)", "integer 1"},
    {"hdr(x-list)", "string 2"},
    {"hdr_cnt(x-list)", "integer 2"},
    {"hdr_ip(x-ip)", "IPv4 address 192.0.2.9"},
    {"hdr_val(x-list)", "integer 2"},
    {"req.fhdr(x-list)", "string one, 2"},
    {"req.fhdr_cnt(x-list)", "integer 1"},
    {"req.hdr(x-list,1)", "string one"},
    {"req.hdr_cnt(x-list)", "integer 2"},
    {"req.hdr_ip(x-ip)", "IPv4 address 192.0.2.9"},
    {"req.hdr_names", "string host,cookie,x-list,x-ip,authorization,x-token"},
    {"req.hdr_val(x-list)", "integer 2"},
    {"res.fhdr(x-list)", "string three, 4"},
    {"res.fhdr_cnt(x-list)", "integer 1"},
    {"res.hdr(x-list)", "string 4"},
    {"res.hdr_cnt(x-list)", "integer 2"},
    {"res.hdr_ip(x-ip)", "IPv4 address 192.0.2.8"},
    {"res.hdr_names(;)", "string set-cookie;x-list;x-ip"},
    {"res.hdr_val(x-list)", "integer 4"},
    {"shdr(x-list)", "string 4"},
    {"shdr_cnt(x-list)", "integer 2"},
    {"shdr_ip(x-ip)", "IPv4 address 192.0.2.8"},
    {"shdr_val(x-list)", "integer 4"},
    {"cook(sid)", "string abc"},
    {"cook_cnt(sid)", "integer 1"},
    {"cook_val(n)", "integer 7"},
    {"cookie(sid)", "string abc"},
    {"req.cook(sid)", "string abc"},
    {"req.cook_cnt", "integer 2"},
    {"req.cook_val(n)", "integer 7"},
    {"res.cook(sid)", "string def"},
    {"res.cook_cnt(sid)", "integer 1"},
    {"res.cook_val(sid)", "integer 0"},
    {"scook(sid)", "string def"},
    {"scook_cnt(sid)", "integer 1"},
    {"scook_val(sid)", "integer 0"},
    {"set-cookie(sid)", "string def"},
    {"capture.req.hdr(0)", "-"},
    {"capture.req.hdr(1)", "string curl"},
    {"capture.req.hdr(2)", "-"},
    {"capture.res.hdr(0)", "string three"},
    {"fc_err", "integer 0"},
    {"ssl_c_ca_err", "integer 0"},
    {"ssl_c_err", "integer 0"},
    {"ssl_fc_err", "integer 0"},
};

std::string_view name_of(std::string_view text) {
  return text.substr(0, text.find_first_of("(,"));
}

}  // namespace

TEST_CASE("every fetch finds its value") {
  Scene scene;
  for (const Case& one : kCases) {
    INFO(one.text);
    CHECK(scene.value(one.text) == one.value);
  }
}

TEST_CASE("what is named and is not there is told") {
  const Case cases[] = {
      {"acl(none)", "error: no ACL 'none', argument 1 of 'acl'"},
      {"fc_rtt(s)", "error: 'fc_rtt': 's' is not a unit of time (accepted: ms or us)"},
      {"fe_conn(app)", "error: there is no frontend 'app', argument 1 of 'fe_conn'"},
      {"http_auth(other)", "error: there is no list of users 'other', argument 1 of 'http_auth'"},
      {"nbsrv(none)", "error: there is no backend 'none', argument 1 of 'nbsrv'"},
      {"srv_is_up(none)", "error: there is no server 'none', argument 1 of 'srv_is_up'"},
  };
  Scene scene;
  for (const Case& one : cases) {
    INFO(one.text);
    CHECK(scene.value(one.text) == one.value);
  }
}

TEST_CASE("every fetch has a case") {
  std::set<std::string_view> tested{"rand", "uuid", "base32+src", "url32+src"};
  for (const Case& one : kCases) tested.insert(name_of(one.text));
  for (const FetchRow& row : stick_fetches()) tested.insert(row.name);    // stick_test.cpp
  for (const FetchRow& row : body_fetches()) tested.insert(row.name);     // fetch_body_test.cpp
  for (const FetchRow& row : payload_fetches()) tested.insert(row.name);  // fetch_payload_test.cpp
  for (const std::string& name : fetch_names()) {
    INFO(name);
    CHECK(tested.contains(name));
  }
}

TEST_CASE("where there is nothing, fetches find nothing and do not fall") {
  Scene scene;
  scene.context = {};
  for (const Case& one : kCases) {
    INFO(one.text);
    const FetchRow* row = find_fetch(name_of(one.text));
    if (row == nullptr || row->needs == kNeedsNothing || row->out == Type::kBool) continue;
    CHECK(scene.value(one.text) == "-");
  }
  CHECK(scene.value("ssl_fc") == "boolean 0");
  CHECK(scene.value("hdr(host)") == "-");
  CHECK(scene.value("cookie(sid)") == "-");
  CHECK(scene.value("uuid") == "-");
  CHECK(scene.value("rand") == "-");
}

TEST_CASE("hdr and cookie mean the side that is evaluated") {
  Scene scene;
  scene.context.phase = Phase::kResponse;
  CHECK(scene.value("hdr(x-list)") == "string 4");
  CHECK(scene.value("cookie(sid)") == "string def");
  CHECK(scene.value("req.hdr(x-list)") == "string 2");
}

TEST_CASE("chance stays in its bounds and UUIDs have their form") {
  Scene scene;
  for (int i = 0; i < 100; ++i) {
    const std::string value = scene.value("rand(3)");
    CHECK((value == "integer 0" || value == "integer 1" || value == "integer 2"));
  }
  const std::string uuid = scene.value("uuid");
  REQUIRE(uuid.size() == std::string("string ").size() + 36);
  CHECK(uuid[7 + 14] == '4');
  CHECK(std::string("89ab").find(uuid[7 + 19]) != std::string::npos);
  CHECK(uuid != scene.value("uuid"));
}

TEST_CASE("rules do not see fields that were removed, but those of the connection") {
  Scene scene;
  scene.request.add(http::FieldName::kConnection, "Connection", "Upgrade");
  for (http::Field& field : scene.request.fields) field.drop = true;
  CHECK(scene.value("req.hdr(x-list)") == "-");
  CHECK(scene.value("req.hdr(connection)") == "string Upgrade");
}
