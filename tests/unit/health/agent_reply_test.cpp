#include "health/agent_reply.h"

#include <catch2/catch.hpp>

using namespace reseal::health;

namespace {

struct Case {
  const char* line;
  std::optional<bool> up;
  std::optional<AgentOrder> order;
  std::optional<std::uint32_t> percent;
  std::optional<std::uint32_t> limit;
  const char* told;
};

}  // namespace

TEST_CASE("what an agent says is understood as HAProxy understands it") {
  const std::optional<bool> none;
  for (const Case& c : {
           Case{"up\n", true, {}, {}, {}, "via agent : up"},
           Case{"UP Ready 100%\n", true, AgentOrder::kReady, 100, {}, "via agent : UP"},
           Case{"down\n", false, {}, {}, {}, "via agent : down"},
           Case{"fail # too hot\n", false, {}, {}, {}, "via agent : fail (too hot)"},
           Case{"stopped#bye\n", none, {}, {}, {}, "agent reports an error : stopped#bye"},
           Case{"up,ready,80%\r\nrest", true, AgentOrder::kReady, 80, {}, "via agent : up"},
           Case{"drain\n", none, AgentOrder::kDrain, {}, {}, ""},
           Case{"maint # fixing\n", none, AgentOrder::kMaintenance, {}, {}, ""},
           Case{"maxconn:30 drain 20% up #all at once\n", true, AgentOrder::kDrain, 20, 30,
                "via agent : up (all at once)"},
           Case{"maxconn:0\n", none, {}, {}, 0, ""},
           Case{"garbage up\n", true, {}, {}, {}, "via agent : up (garbage)"},
           Case{"garbage\n", none, {}, {}, {}, "agent reports an error : garbage"},
           Case{"-5%\n", none, {}, {}, {}, "agent reports an error : -5%"},
           Case{"maxconn:x\n", none, {}, {}, {}, "agent warns : maxconn string empty or preceded by garbage"},
           Case{"5.5%\n", none, {}, {}, {}, "agent warns : Trailing garbage in weight string"},
           Case{"99999999999999999999%\n",
                none,
                {},
                {},
                {},
                "agent warns : Trailing garbage in weight string"},
           Case{"# only text\n", none, {}, {}, {}, ""},
           Case{"\n", none, {}, {}, {}, ""},
       }) {
    CAPTURE(c.line);
    const auto reply = parse_agent_reply(c.line, false);
    REQUIRE(reply);
    CHECK(reply->up == c.up);
    CHECK(reply->order == c.order);
    CHECK(reply->percent == c.percent);
    CHECK(reply->max_requests == c.limit);
    CHECK(reply->told() == c.told);
  }
}

TEST_CASE("a line that has not ended waits for its end, but not for ever") {
  CHECK_FALSE(parse_agent_reply("up", false));
  CHECK(parse_agent_reply("up", true)->up == true);
  CHECK(parse_agent_reply(std::string(kMostAgentReply, 'x'), false)->has_unknown);
}

TEST_CASE("what an agent says cannot break a line of a log") {
  CHECK(parse_agent_reply("down # a\x1b[31m\x80z\n", false)->told() == "via agent : down (a?[31m?z)");
  CHECK(parse_agent_reply("down #" + std::string(3000, 'y') + "\n", false)->told().size() < 250);
}
