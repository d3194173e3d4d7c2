// The sections about waiting, trying again and outliers: what is read, and what is refused with which words.
#include "tests/unit/config/config_test_support.h"

using namespace reseal::config;
using namespace reseal::config::testing;

namespace {

std::string backend(const std::string& keys, const std::string& server = "\"127.0.0.1:2\"") {
  return "frontends: { web: { bind: \"127.0.0.1:1\", default: web } }\n"
         "backends:\n"
         "  web:\n"
         "    servers: { web1: " +
         server + " }\n" + keys;
}

Backend read(const std::string& text) {
  const LoadResult result = load(text);
  INFO(told(result));
  REQUIRE(result.configuration);
  return result.configuration->backends[0];
}

}  // namespace

TEST_CASE("the conditions of retry are exactly the ones that are listed") {
  const Retry retry =
      read(backend("    retry: { on: [bad_response, 503, \"429\"], budget: 5%, try_timeout: 1s }\n")).retry;
  CHECK(retry.bad_response);
  CHECK_FALSE(retry.connect_failure);
  CHECK_FALSE(retry.empty_response);
  CHECK_FALSE(retry.response_timeout);
  CHECK(retry.statuses == std::vector<int>{503, 429});
  CHECK(retry.budget_percent == 5);
  CHECK(retry.try_timeout == std::chrono::seconds(1));
  CHECK(retry.attempts == 2);
  CHECK(read(backend("    retry: { on: response_timeout }\n")).retry.response_timeout);
}

TEST_CASE("retries: N is the short form of retry.attempts, and stands beside the rest of retry") {
  const Retry retry = read(backend("    retries: 5\n    retry: { budget: 50% }\n")).retry;
  CHECK(retry.attempts == 5);
  CHECK(retry.budget_percent == 50);
}

TEST_CASE("limits, queue, outlier, slow start and panic are read") {
  const Backend web =
      read(backend("    max_requests: 7\n    max_connections: 9\n    queue: { timeout: 1s, length: 3 }\n    "
                   "slow_start: 30s\n"
                   "    panic_threshold: 40%\n    outlier: { error_rate: 30%, max_ejected: 0% }\n",
                   "{ address: \"127.0.0.1:2\", max_requests: 4, max_connections: 2 }"));
  CHECK(web.max_requests == 7);
  CHECK(web.max_connections == 9);
  CHECK(web.queue.timeout == std::chrono::seconds(1));
  CHECK(web.queue.length == 3);
  CHECK(web.slow_start == std::chrono::seconds(30));
  CHECK(web.panic_threshold == 40);
  CHECK(web.outlier.enabled);
  CHECK(web.outlier.error_percent == 30);
  CHECK(web.outlier.max_ejected_percent == 0);
  CHECK(web.servers[0].max_requests == 4);
  CHECK(web.servers[0].max_connections == 2);
  CHECK_FALSE(read(backend("    outlier: off\n")).outlier.enabled);
}

TEST_CASE("what cannot be meant in these sections is refused, with what is accepted") {
  struct Case {
    const char* keys;
    std::vector<std::string> told;
  };
  for (const Case& c : {
           Case{"    retry: { on: [conect_failure] }\n",
                {"'conect_failure'", "did you mean", "connect_failure", "400 to 599"}},
           Case{"    retry: { on: [302] }\n", {"'302'", "400 to 599"}},
           Case{"    retry: { on: [600] }\n", {"'600'", "400 to 599"}},
           Case{"    retry: { on: [] }\n", {"on is"}},
           Case{"    retry: { budget: 20 }\n", {"budget", "0% to 100%"}},
           Case{"    retry: { budget: 101% }\n", {"budget", "0% to 100%"}},
           Case{"    retry: { attempts: 101 }\n", {"attempts", "0 to 100"}},
           Case{"    retry: { tries: 1 }\n", {"unknown key 'tries'", "attempts"}},
           Case{"    retries: 1\n    retry: { attempts: 2 }\n", {"retries and retry.attempts are the same"}},
           Case{"    queue: { length: 0 }\n", {"length", "1 to 1000000"}},
           Case{"    outlier: maybe\n", {"outlier", "off"}},
           Case{"    outlier: { max_ejected: -1% }\n", {"max_ejected", "0% to 100%"}},
           Case{"    max_requests: -1\n", {"max_requests", "0 to"}},
           Case{"    max_connections: -1\n", {"max_connections", "0 to"}},
           Case{"    slow_start: 0s\n", {"slow_start"}},
           Case{"    panic_threshold: 50\n", {"panic_threshold", "0% to 100%"}},
       }) {
    INFO(c.keys);
    const LoadResult result = load(backend(c.keys));
    CHECK_FALSE(result.configuration);
    INFO(told(result));
    for (const std::string& text : c.told) CHECK(has(told(result), text));
  }
}

TEST_CASE("settings that do nothing, or harm, are pointed out") {
  const auto warned = [](const std::string& text, const std::string& what) {
    const LoadResult result = load(text);
    INFO(told(result));
    CHECK(result.configuration);
    return has(told(result), what);
  };
  CHECK(warned(backend("    queue: { length: 10 }\n"), "nobody waits in its queue"));
  CHECK_FALSE(warned(backend("    queue: { length: 10 }\n    max_requests: 5\n"), "nobody waits"));
  CHECK_FALSE(warned(backend("    queue: { length: 10 }\n    max_connections: 5\n"), "nobody waits"));
  CHECK_FALSE(
      warned(backend("    queue: { length: 10 }\n", "{ address: \"127.0.0.1:2\", max_connections: 2 }"),
             "nobody waits"));
  CHECK(warned(backend("    retry: { non_idempotent: true }\n"), "a POST may take effect twice"));
}
