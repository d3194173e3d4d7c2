// Evaluation takes what it needs from the arena.
#include <array>

#include "lb/rules/stick/tracking.h"
#include "tests/support/counting_new.h"
#include "tests/unit/rules/expression/scene.h"

using namespace reseal;
using namespace reseal::rules::expression;

TEST_CASE("evaluating allocates nothing once the pool is warm") {
  Scene scene;
  scene.files.files = {{"map", "/a first\n/a/b second\n"}, {"nets", "10.0.0.0/8 ten\n"}};
  scene.acl("api path_beg -i /api /v2 /a");
  std::vector<Expression> expressions;
  for (const char* text : {"path,lower,upper,length", "req.hdr(x-list,-1),concat(-,txn.a)",
                           "src,ipmask(8),map_ip(nets)", "path,map_beg(map,x)", "path,base64,b64dec,hex",
                           "req.cook(sid),set-var(txn.a)", "urlp(y),url_enc,url_dec", "date,http_date",
                           "uuid", "ssl_c_s_dn", "base32", "path,xxh64", "path,field(2,/),word(1,b)"}) {
    auto expression = scene.compiler.expression(text);
    REQUIRE(expression);
    expressions.push_back(std::move(*expression));
  }
  const auto format = scene.compiler.format("https://%[req.hdr(host)]%[path]?%[query]");
  const auto condition = scene.compiler.condition(
      Scene::words("api { hdr(host) -i WWW.example.com } { src 10.0.0.0/8 } !{ path_sub xyz } { path_end "
                   ".HTML -i .html } { path_reg ^/a/ } { method GET }"));
  REQUIRE(format);
  REQUIRE(condition);
  const auto all = [&] {
    for (const Expression& expression : expressions) (void)expression.text(scene.context, scene.arena);
    (void)format->render(scene.context, scene.arena);
    (void)condition->holds(scene.context, scene.arena);
    scene.arena.clear();
    scene.transaction.clear();
    scene.values.clear();
  };
  for (int i = 0; i < 3; ++i) all();
  const std::size_t before = test::allocations();
  for (int i = 0; i < 100; ++i) all();
  CHECK(test::allocations() == before);
}

TEST_CASE("counting what is known in a stick table allocates nothing") {
  using namespace reseal::rules::stick;
  Definition definition;
  definition.size = 10;
  definition.stored = {{DataType::kGpc0}, {DataType::kHttpReqRate, 1, 1000}};
  class Tables : public TableFinder {
   public:
    explicit Tables(std::shared_ptr<Table> table) : table_(std::move(table)) {}
    std::shared_ptr<Table> find(std::string_view) override { return table_; }
    std::shared_ptr<Table> own() override { return table_; }

   private:
    std::shared_ptr<Table> table_;
  };
  const auto table = std::make_shared<Table>("t", definition, HashKey{});
  Tables tables(table);
  Scene scene;
  scene.environment.tables = &tables;
  Tracking tracking;
  scene.context.tracking = &tracking;
  std::vector<Expression> expressions;
  for (const char* text :
       {"src_inc_gpc0", "sc0_http_req_rate", "src,table_gpc0(t)", "base32+src,in_table(t)"}) {
    auto expression = scene.compiler.expression(text);
    REQUIRE(expression);
    expressions.push_back(std::move(*expression));
  }
  const auto all = [&] {
    tracking.begin(nullptr, true);
    tracking.track(0, table, "\x0a\x01\x02\x03", scene.context.now);
    for (const Expression& expression : expressions) (void)expression.text(scene.context, scene.arena);
    tracking.end(scene.context.now);
    scene.arena.clear();
  };
  for (int i = 0; i < 3; ++i) all();
  const std::size_t before = test::allocations();
  for (int i = 0; i < 100; ++i) all();
  CHECK(test::allocations() == before);
}
