// access_log: its short and long forms, what it inherits, and what is wrong with it.
#include <catch2/catch.hpp>

#include "tests/unit/config/config_test_support.h"

using namespace reseal::config;
using namespace reseal::config::testing;

namespace {

std::string file_with(const std::string& top, const std::string& frontend = "") {
  return top + "frontends: { web: { bind: \"127.0.0.1:1\", default: web" + frontend +
         " } }\nbackends: { web: { servers: { web1: \"127.0.0.1:2\" } } }\n";
}

Configuration loaded(const std::string& text) {
  const LoadResult result = load(text);
  INFO(told(result));
  REQUIRE(result.configuration);
  return *result.configuration;
}

}  // namespace

TEST_CASE("an access log is off, one target, a map, or a list") {
  CHECK(loaded(file_with("")).access_logs.empty());
  CHECK(loaded(file_with("access_log: off\n")).access_logs.empty());
  const auto one = loaded(file_with("access_log: /var/log/a.log\n")).access_logs;
  REQUIRE(one.size() == 1);
  CHECK(one[0].target == AccessLogTarget::kFile);
  CHECK(one[0].path == "/var/log/a.log");
  CHECK(one[0].format == "json");
  const auto two =
      loaded(file_with("access_log: [stdout, { to: stderr, format: '{status}', failed_handshakes: true }]\n"))
          .access_logs;
  REQUIRE(two.size() == 2);
  CHECK(two[0].target == AccessLogTarget::kStdout);
  CHECK(two[1].target == AccessLogTarget::kStderr);
  CHECK(two[1].format == "{status}");
  CHECK(two[1].failed_handshakes);
}

TEST_CASE("each target is read, and told as it was written") {
  struct Case {
    const char* to;
    AccessLogTarget target;
    const char* path;
    const char* host;
    int port;
  };
  for (const Case& c : {
           Case{"/a/b.log", AccessLogTarget::kFile, "/a/b.log", "", 514},
           {"stdout", AccessLogTarget::kStdout, "", "", 514},
           {"stderr", AccessLogTarget::kStderr, "", "", 514},
           {"syslog:udp:10.0.0.5:1514", AccessLogTarget::kSyslogUdp, "", "10.0.0.5", 1514},
           {"syslog:udp:log.internal:514", AccessLogTarget::kSyslogUdp, "", "log.internal", 514},
           {"syslog:udp:[2001:db8::5]:514", AccessLogTarget::kSyslogUdp, "", "2001:db8::5", 514},
           {"syslog:unix:/dev/log", AccessLogTarget::kSyslogUnix, "/dev/log", "", 514},
       }) {
    INFO(c.to);
    const auto log = loaded(file_with("access_log: \"" + std::string(c.to) + "\"\n")).access_logs.at(0);
    CHECK(log.target == c.target);
    CHECK(log.path == c.path);
    CHECK(log.host == c.host);
    CHECK(log.port == c.port);
    CHECK(log.text() == c.to);
  }
  CHECK(loaded(file_with("access_log: logs/a.log\n")).access_logs.at(0).path.ends_with("/logs/a.log"));
}

TEST_CASE("a frontend's own access log is told from none of its own") {
  CHECK_FALSE(loaded(file_with("access_log: stdout\n")).frontends[0].access_logs);
  const auto off = loaded(file_with("access_log: stdout\n", ", access_log: off")).frontends[0].access_logs;
  REQUIRE(off);
  CHECK(off->empty());
  const auto own =
      loaded(file_with("", ", access_log: { to: stdout, format: httplog, tag: x, facility: auth2 }"))
          .frontends[0]
          .access_logs;
  REQUIRE(own);
  CHECK(own->at(0).format == "httplog");
  CHECK(own->at(0).facility == 10);
}

TEST_CASE("what is wrong with an access log is told with its place and what is accepted") {
  struct Case {
    std::string text;
    std::vector<const char*> told;
  };
  const std::string long_path = "/" + std::string(200, 's');
  for (const Case& c : std::vector<Case>{
           {"access_log: stout\n",
            {":1:13:", "did you mean 'stdout'?", "the path of a file, with at least one '/'"}},
           {"access_log: syslog\n", {"syslog:udp:HOST:PORT"}},
           {"access_log: syslog:/dev/log\n", {"did you mean 'syslog:unix:/dev/log'?"}},
           {"access_log: syslog:udp:10.0.0.5\n", {"syslog:udp:10.0.0.5:514"}},
           {"access_log: \"syslog:udp:*:514\"\n", {"no server to send to"}},
           {"access_log: syslog:udp:10.0.0.5:0\n", {"accepted: syslog:udp:10.0.0.5:514"}},
           {"access_log: syslog:unix:dev/log\n", {"the absolute path of a unix socket"}},
           {"access_log: syslog:unix:" + long_path + "\n", {"at most 107 bytes"}},
           {"access_log: []\n", {"is an empty list"}},
           {"access_log: { format: json }\n", {"does not say where the lines go"}},
           {"access_log: { to: stdout, format: htplog }\n", {":1:35:", "did you mean 'httplog'?"}},
           {"access_log: { to: stdout, format: '{staus}' }\n",
            {"there is no field 'staus'", "did you mean 'status'?", "request_header:NAME"}},
           {"access_log: { to: stdout, format: '{status' }\n", {"is not closed"}},
           {"access_log: { to: stdout, facility: local8 }\n", {"did you mean 'local"}},
           {"access_log: { to: stdout, tag: 'a b' }\n", {"tag is 'a b'"}},
           {"access_log: { to: stdout, tag: " + std::string(33, 't') + " }\n", {"at most 32 characters"}},
           {"access_log: { to: stdout, formt: json }\n", {"unknown key 'formt'", "did you mean 'format'?"}},
           {"access_log: [stdout, stdout, stdout, stdout, stdout, stdout, stdout, stdout, stdout]\n",
            {"at most 8 logs"}},
       }) {
    INFO(c.text);
    const LoadResult result = load(file_with(c.text));
    CHECK_FALSE(result.configuration);
    for (const char* part : c.told) {
      INFO(part);
      CHECK(has(told(result), part));
    }
  }
}

TEST_CASE("syslog's keys elsewhere are a warning") {
  const LoadResult result = load(file_with("access_log: { to: stdout, tag: x }\n"));
  CHECK(result.configuration);
  CHECK(has(told(result), "facility and tag are for syslog only"));
}

TEST_CASE("the field for causes has a name of its own") {
  CHECK(loaded(file_with("", ", cause_header: X-Why")).frontends[0].cause_header == "X-Why");
  for (const char* name : {"Content-Length", "connection", "Date"}) {
    const LoadResult result = load(file_with("", ", cause_header: " + std::string(name)));
    CHECK_FALSE(result.configuration);
    CHECK(has(told(result), "a field with a meaning of its own"));
  }
  CHECK_FALSE(load(file_with("", ", cause_header: 'a b'")).configuration);
}
