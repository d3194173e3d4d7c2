// What is wrong with the words of actions on stick counters is said at its word; what they do is in haproxy_stick_test.py too.
#include <catch2/catch.hpp>

#include "lb/rules/actions/rule_list.h"
#include "lb/rules/stick/tracking.h"
#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules;
using namespace reseal::rules::actions;
using stick::DataType;

namespace {

class Tables : public expression::TableFinder {
 public:
  Tables() {
    stick::Definition definition;
    definition.size = 10;
    definition.stored = {{DataType::kGpc0},    {DataType::kGpc0Rate, 1, 10'000}, {DataType::kGpt0},
                         {DataType::kConnCur}, {DataType::kHttpErrCnt},          {DataType::kHttpReqCnt}};
    own_ = std::make_shared<stick::Table>("web", definition, stick::HashKey{});
    definition.stored = {{DataType::kGpc, 3}, {DataType::kGpt, 3}};
    arrays_ = std::make_shared<stick::Table>("arrays", definition, stick::HashKey{});
  }
  std::shared_ptr<stick::Table> find(std::string_view name) override {
    return name == "web" ? own_ : name == "arrays" ? arrays_ : nullptr;
  }
  std::shared_ptr<stick::Table> own() override { return own_; }

 private:
  std::shared_ptr<stick::Table> own_, arrays_;
};

struct TrackScene : expression::Scene {
  Tables tables;
  stick::Tracking tracking;
  TrackScene() {
    environment.tables = &tables;
    context.tracking = &tracking;
    tracking.begin(nullptr, true);
  }
  ~TrackScene() { tracking.end(context.now); }

  /// Runs one rule; the error with its word if it is none.
  std::string run(const std::string& text, Ruleset ruleset = kHttpRequest) {
    RuleList list;
    const auto added = list.add(ruleset, compiler, environment, words(text));
    if (!added) return std::to_string(added.error().word) + " " + added.error().message;
    Run run{context, arena, &request, ruleset == kHttpResponse ? &response : nullptr, nullptr};
    (void)list.run(run);
    return "";
  }
};

}  // namespace

TEST_CASE("an entry is tracked by the first rule of its counter that has a key") {
  TrackScene scene;
  CHECK(scene.run("track-sc0 req.hdr(x-none)").empty());
  CHECK(scene.value("sc0_tracked") == "boolean 0");
  CHECK(scene.run("track-sc0 src if { path /nowhere }").empty());
  CHECK(scene.value("sc0_tracked") == "boolean 0");
  CHECK(scene.run("track-sc0 src table web if { path_beg /a }").empty());
  CHECK(scene.value("sc0_conn_cur") == "integer 1");
  CHECK(scene.value("sc0_http_req_cnt") == "integer 1");
  CHECK(scene.run("track-sc0 req.hdr(x-ip)").empty());
  CHECK(scene.value("table_cnt(web)") == "integer 1");
  CHECK(scene.run("track-sc1 req.hdr(x-ip) , ipmask(24) table web").empty());
  CHECK(scene.value("ipv4(192.0.2.0),in_table(web)") == "boolean 1");
  scene.response.status = 404;
  CHECK(scene.run("track-sc2 bool(true) table arrays", kHttpResponse) ==
        "3 the keys of the stick table 'arrays' are of type IPv4 address, and this one is of type boolean");
  CHECK(scene.run("track-sc2 res.hdr(x-ip)", kHttpResponse).empty());
  CHECK(scene.value("sc2_http_err_cnt") == "integer 1");
}

TEST_CASE("counters are counted and tags are set of what is tracked") {
  TrackScene scene;
  CHECK(scene.run("sc-inc-gpc0(0)").empty());  // nothing is tracked yet
  CHECK(scene.run("track-sc0 src").empty());
  CHECK(scene.run("track-sc1 src table arrays").empty());
  CHECK(scene.run("sc-inc-gpc0(0)").empty());
  CHECK(scene.run("sc-inc-gpc0").empty());
  CHECK(scene.run("sc-inc-gpc1(0)").empty());  // not stored
  CHECK(scene.value("sc0_get_gpc0") == "integer 2");
  CHECK(scene.value("sc0_gpc0_rate") == "integer 2");
  CHECK(scene.run("sc-set-gpt0(0) 4000000000").empty());
  CHECK(scene.value("sc0_get_gpt0") == "integer 4000000000");
  CHECK(scene.run("sc-set-gpt0(0) path,length").empty());
  CHECK(scene.value("sc0_get_gpt0") == "integer 9");
  CHECK(scene.run("sc-set-gpt0(0) req.hdr(x-none)").empty());  // no value: it stays
  CHECK(scene.value("sc0_get_gpt0") == "integer 9");
  CHECK(scene.run("sc-inc-gpc(2,1)").empty());
  CHECK(scene.run("sc-add-gpc(2,1) 41").empty());
  CHECK(scene.value("sc_get_gpc(2,1)") == "integer 42");
  CHECK(scene.run("sc-inc-gpc1(1)").empty());  // an element of the array
  CHECK(scene.value("sc_get_gpc(1,1)") == "integer 1");
  CHECK(scene.run("sc-set-gpt(2,1) int(7)").empty());
  CHECK(scene.value("sc_get_gpt(2,1)") == "integer 7");
}

TEST_CASE("what is wrong with an action on stick counters is said") {
  TrackScene scene;
  const std::pair<const char*, const char*> cases[] = {
      {"track-sc0", "a key, such as src"},
      {"track-sc0 nothing", "no fetch 'nothing'"},
      {"track-sc0 src table", "the name of a stick table"},
      {"track-sc0 src table nowhere", "there is no stick table 'nowhere'"},
      {"track-sc0 src table web foo", "'foo' is not expected here"},
      {"track-sc3 src", "track-sc3"},
      {"sc-inc-gpc0(3)", "with a counter from 0 to 2"},
      {"sc-inc-gpc0(x)", "with a counter from 0 to 2"},
      {"sc-inc-gpc(0)", "(INDEX,COUNTER) is expected"},
      {"sc-inc-gpc(100,0)", "with an index below 100"},
      {"sc-inc-gpc(1,3)", "with a counter from 0 to 2"},
      {"sc-set-gpt0(0)", "a number, or an expression"},
      {"sc-set-gpt0(0) 4294967296", "more than 4294967295"},
      {"sc-set-gpt0(0) bin(00)", "is no integer"},
  };
  for (const auto& [text, said] : cases) {
    INFO(text);
    const std::string problem = scene.run(text);
    INFO(problem);
    CHECK(problem.find(said) != std::string::npos);
  }
  CHECK(scene.run("track-sc0 src", kHttpAfterResponse).find("track-sc0") != std::string::npos);
  scene.environment.tables = nullptr;
  CHECK(scene.run("track-sc0 src").find("stick tables are not available here") != std::string::npos);
}
