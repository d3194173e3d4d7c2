// Fetches and converters of stick tables.
#include <catch2/catch.hpp>
#include <set>

#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/stick/tracking.h"
#include "scene.h"

using namespace reseal;
using namespace reseal::rules;
using namespace reseal::rules::expression;
using namespace std::chrono_literals;
using stick::DataType;

namespace {

std::shared_ptr<stick::Table> table_of(const std::string& name, stick::KeyType type,
                                       std::vector<stick::Stored> stored) {
  stick::Definition definition;
  definition.type = type;
  definition.key_bytes = type == stick::KeyType::kString ? 32 : 4;
  definition.size = 10;
  definition.stored = std::move(stored);
  return std::make_shared<stick::Table>(name, definition, stick::HashKey{});
}

class Tables : public TableFinder {
 public:
  std::vector<std::shared_ptr<stick::Table>> all{
      table_of("web", stick::KeyType::kIp,
               {{DataType::kGpc0},
                {DataType::kGpc0Rate, 1, 10'000},
                {DataType::kGpt0},
                {DataType::kConnCnt},
                {DataType::kConnCur},
                {DataType::kHttpReqCnt},
                {DataType::kHttpReqRate, 1, 10'000},
                {DataType::kHttpErrRate, 1, 10'000},
                {DataType::kBytesInCnt},
                {DataType::kServerId}}),
      table_of("arrays", stick::KeyType::kIp,
               {{DataType::kGpc, 3}, {DataType::kGpcRate, 3, 10'000}, {DataType::kGpt, 2}}),
      table_of("texts", stick::KeyType::kString, {{DataType::kHttpReqCnt}})};
  std::shared_ptr<stick::Table> find(std::string_view name) override {
    for (const auto& table : all) {
      if (table->name() == name) return table;
    }
    return nullptr;
  }
  std::shared_ptr<stick::Table> own() override { return own_; }
  std::shared_ptr<stick::Table> own_ = all.front();
};

struct StickScene : Scene {
  Tables tables;
  stick::Tracking tracking;
  StickScene() {
    environment.tables = &tables;
    context.tracking = &tracking;
    context.now = TimePoint(1h);
    tracking.begin(nullptr, true);
  }
  ~StickScene() { tracking.end(context.now); }
  void track(std::size_t counter, std::string_view table, std::string_view key) {
    tracking.track(counter, tables.find(table), key, context.now);
  }
};

constexpr std::string_view kClient = "\x0a\x01\x02\x03";  // 10.1.2.3

}  // namespace

TEST_CASE("every fetch and converter of stick tables that HAProxy 2.6 has compiles") {
  StickScene scene;
  std::set<std::string> tested;
  const auto compiles = [&](const std::string& text) {
    tested.insert(text.substr(0, text.find('(')));
    INFO(text);
    CHECK(scene.value(text).find("error") == std::string::npos);
  };
  const std::string data[] = {
      "bytes_in_rate", "bytes_out_rate", "clr_gpc0",      "clr_gpc1",       "conn_cnt",     "conn_cur",
      "conn_rate",     "get_gpc0",       "get_gpc1",      "get_gpt0",       "gpc0_rate",    "gpc1_rate",
      "http_err_cnt",  "http_err_rate",  "http_fail_cnt", "http_fail_rate", "http_req_cnt", "http_req_rate",
      "inc_gpc0",      "inc_gpc1",       "kbytes_in",     "kbytes_out",     "sess_cnt",     "sess_rate"};
  for (const std::string& name : data) {
    for (const std::string& text :
         {"sc_" + name + "(0)", "sc_" + name + "(1,arrays)", "sc0_" + name, "sc1_" + name + "(web)",
          "sc2_" + name, "src_" + name, "src_" + name + "(arrays)"}) {
      compiles(text);
    }
  }
  for (const std::string name : {"get_gpc", "gpc_rate", "get_gpt", "inc_gpc", "clr_gpc"}) {
    compiles("sc_" + name + "(0,1)");
    compiles("sc_" + name + "(0,1,arrays)");
    compiles("src_" + name + "(0,arrays)");
  }
  for (const std::string text : {"sc_tracked(0)",
                                 "sc0_tracked",
                                 "sc1_tracked(web)",
                                 "sc_trackers(2)",
                                 "sc2_trackers",
                                 "src_updt_conn_cnt",
                                 "table_cnt",
                                 "table_avl(arrays)",
                                 "src,in_table(web)",
                                 "src,table_trackers(web)",
                                 "src,table_expire(web)",
                                 "src,table_idle(web)",
                                 "src,table_bytes_in_rate(web)",
                                 "src,table_bytes_out_rate(web)",
                                 "src,table_conn_cnt(web)",
                                 "src,table_conn_cur(web)",
                                 "src,table_conn_rate(web)",
                                 "src,table_gpt(0,arrays)",
                                 "src,table_gpt0(web)",
                                 "src,table_gpc(0,arrays)",
                                 "src,table_gpc_rate(0,arrays)",
                                 "src,table_gpc0(web)",
                                 "src,table_gpc1(web)",
                                 "src,table_gpc0_rate(web)",
                                 "src,table_gpc1_rate(web)",
                                 "src,table_http_err_cnt(web)",
                                 "src,table_http_err_rate(web)",
                                 "src,table_http_fail_cnt(web)",
                                 "src,table_http_fail_rate(web)",
                                 "src,table_http_req_cnt(web)",
                                 "src,table_http_req_rate(web)",
                                 "src,table_kbytes_in(web)",
                                 "src,table_kbytes_out(web)",
                                 "src,table_server_id(web)",
                                 "src,table_sess_cnt(web)",
                                 "src,table_sess_rate(web)",
                                 "src,table_clr_gpc(0,arrays)",
                                 "src,table_clr_gpc0(web)",
                                 "src,table_clr_gpc1(web)",
                                 "src,table_inc_gpc(0,arrays)",
                                 "src,table_inc_gpc0(web)",
                                 "src,table_inc_gpc1(web)",
                                 "base32+src",
                                 "url32+src"}) {
    compiles(text);
  }
  for (const FetchRow& row : stick_fetches()) {
    INFO(row.name);
    const std::string name(row.name);
    CHECK((tested.contains(name) || name.ends_with("_trackers") || name.ends_with("_tracked")));
  }
  for (const ConverterRow& row : stick_converters()) {
    INFO(row.name);
    CHECK(tested.contains("src," + std::string(row.name)));
  }
}

TEST_CASE("tables are found by name, and the section's own without one") {
  StickScene scene;
  CHECK(scene.value("src_conn_cur(nowhere)") ==
        "error: there is no stick table 'nowhere', argument 1 of 'src_conn_cur'");
  CHECK(scene.value("sc_conn_cur(0,nowhere)").find("there is no stick table 'nowhere'") != std::string::npos);
  CHECK(scene.value("sc_conn_cur").find("needs 1 argument") != std::string::npos);
  scene.tables.own_ = nullptr;
  CHECK(scene.value("src_conn_cur") ==
        "error: 'src_conn_cur': this section has no stick table: name the one that is meant");
  CHECK(scene.value("src,in_table").find("this section has no stick table") != std::string::npos);
  CHECK(scene.value("sc_foo(0)").find("no fetch 'sc_foo'") != std::string::npos);
  CHECK(scene.value("sc_glitch_rate(0)").find("does not have 'sc_glitch_rate' yet") != std::string::npos);
  scene.environment.tables = nullptr;
  CHECK(scene.value("src_conn_cur(web)").find("stick tables are not available here") != std::string::npos);
  CHECK(scene.value("src_conn_cur").find("stick tables are not available here") != std::string::npos);
}

TEST_CASE("what is tracked is read and changed; without it there is no value") {
  StickScene scene;
  CHECK(scene.value("sc0_http_req_rate") == "-");
  CHECK(scene.value("sc_tracked(0)") == "boolean 0");
  scene.track(0, "web", kClient);
  CHECK(scene.value("sc0_tracked") == "boolean 1");
  CHECK(scene.value("sc1_tracked") == "boolean 0");
  CHECK(scene.value("sc_trackers(0)") == "integer 1");
  CHECK(scene.value("sc0_http_req_rate") == "integer 1");
  CHECK(scene.value("sc_http_req_cnt(0)") == "integer 1");
  CHECK(scene.value("sc_conn_cur(0)") == "integer 1");
  CHECK(scene.value("sc_http_req_rate(5)") == "-");
  CHECK(scene.value("sc0_sess_cnt") == "-");  // not stored
  CHECK(scene.value("sc0_inc_gpc0") == "integer 1");
  CHECK(scene.value("sc_inc_gpc0(0)") == "integer 2");
  CHECK(scene.value("sc0_gpc0_rate") == "integer 2");
  CHECK(scene.value("sc0_get_gpc0") == "integer 2");
  CHECK(scene.value("sc0_clr_gpc0") == "integer 2");
  CHECK(scene.value("sc0_get_gpc0") == "integer 0");
  CHECK(scene.value("sc0_clr_gpc1") == "-");
  scene.tracking.count_bytes(5000, 0, scene.context.now);
  CHECK(scene.value("sc0_kbytes_in") == "integer 4");
  CHECK(scene.condition("{ sc0_http_req_rate gt 0 }") == "yes");
  CHECK(scene.condition("{ sc1_http_req_rate gt 0 }") == "no");
}

TEST_CASE("the same key is looked up in another table") {
  StickScene scene;
  scene.track(0, "web", kClient);
  CHECK(scene.value("sc0_get_gpt0(arrays)") == "integer 0");  // no entry there
  CHECK(scene.value("sc0_tracked(arrays)") == "boolean 0");
  CHECK(scene.tables.find("arrays")->find_or_add(kClient, scene.context.now)->set({DataType::kGpt, 0}, 9));
  CHECK(scene.value("sc0_get_gpt0(arrays)") == "integer 9");
  CHECK(scene.value("sc_get_gpt(0,0,arrays)") == "integer 9");
  CHECK(scene.value("sc0_http_req_cnt(texts)") == "integer 0");  // keys of another type
}

TEST_CASE("the client's address has an entry when something is counted for it") {
  StickScene scene;
  CHECK(scene.value("src_get_gpc0") == "integer 0");
  CHECK(scene.value("src_clr_gpc0") == "integer 0");
  CHECK(scene.value("table_cnt") == "integer 0");
  CHECK(scene.value("src_inc_gpc0") == "integer 1");
  CHECK(scene.value("table_cnt") == "integer 1");
  CHECK(scene.value("table_avl(web)") == "integer 9");
  CHECK(scene.value("src_get_gpc0(web)") == "integer 1");
  CHECK(scene.value("src_updt_conn_cnt") == "integer 1");
  CHECK(scene.value("src_updt_conn_cnt") == "integer 2");
  CHECK(scene.value("src_conn_cnt") == "integer 2");
  CHECK(scene.value("src_http_req_cnt(texts)") == "integer 0");
  scene.client = *net::Address::parse("2001:db8::9", 1);
  CHECK(scene.value("src_get_gpc0") == "-");  // no key of an IPv4 table
}

TEST_CASE("arrays have taken the place of the numbered counters") {
  StickScene scene;
  CHECK(scene.value("src_inc_gpc(2,arrays)") == "integer 1");
  CHECK(scene.value("src_inc_gpc1(arrays)") == "integer 1");
  CHECK(scene.value("src_inc_gpc1(arrays)") == "integer 2");
  CHECK(scene.value("src_get_gpc(1,arrays)") == "integer 2");
  CHECK(scene.value("src_gpc1_rate(arrays)") == "integer 2");
  CHECK(scene.value("src_gpc_rate(2,arrays)") == "integer 1");
  CHECK(scene.value("src_get_gpc(3,arrays)") == "-");
  CHECK(scene.value("src_get_gpc(-1,arrays)") == "-");
  CHECK(scene.value("src_clr_gpc(2,arrays)") == "integer 1");
  CHECK(scene.value("src,table_gpc(2,arrays)") == "integer 0");
  CHECK(scene.value("src,table_gpc1(arrays)") == "integer 2");
}

TEST_CASE("converters look values up, and convert them to the table's type") {
  StickScene scene;
  CHECK(scene.value("str(10.1.2.3),in_table(web)") == "boolean 0");
  CHECK(scene.value("src_inc_gpc0(web)") == "integer 1");
  CHECK(scene.value("str(10.1.2.3),in_table(web)") == "boolean 1");
  CHECK(scene.value("str(10.1.2.3),table_gpc0(web)") == "integer 1");
  CHECK(scene.value("src,table_gpc0") == "integer 1");
  CHECK(scene.value("str(no address),in_table(web)") == "-");
  CHECK(scene.value("str(10.9.9.9),table_http_req_rate(web)") == "integer 0");
  CHECK(scene.value("src,table_sess_cnt(web)") == "-");  // not stored
  CHECK(scene.value("req.hdr(host),in_table(texts)") == "boolean 0");
  scene.track(1, "texts", "www.example.com");
  CHECK(scene.value("req.hdr(host),table_http_req_cnt(texts)") == "integer 1");
  CHECK(scene.value("req.hdr(host),table_trackers(texts)") == "integer 2");  // with the look-up
  CHECK(scene.value("str(other),table_trackers(texts)") == "integer 0");
}

TEST_CASE("the hash of a request with the client's address") {
  StickScene scene;
  CHECK(scene.value("base32+src,hex").ends_with("0A010203"));
  scene.client = *net::Address::parse("2001:db8::9", 1);
  CHECK(scene.value("url32+src,hex").ends_with("20010DB8000000000000000000000009"));
}
