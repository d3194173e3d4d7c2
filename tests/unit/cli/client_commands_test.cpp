#include <catch2/catch.hpp>

#include "lb/cli/admin_client.h"
#include "lb/stats/json.h"
#include "tests/unit/cli/cli_test_support.h"

using namespace reseal;
using namespace reseal::cli;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the socket comes from --socket, from the file's admin.socket, or is the default") {
  const Folder folder;
  const std::string good = folder.write("good.yaml",
                                        "admin: { socket: here.sock }\n"
                                        "frontends: { web: { bind: ['127.0.0.1:8080'], default: web } }\n"
                                        "backends: { web: { servers: { a: '127.0.0.1:8081' } } }\n");
  CHECK(socket_of({}).value() == "/run/reseal/admin.sock");
  CHECK(socket_of({.socket = "/a/b.sock", .config_file = ""}).value() == "/a/b.sock");
  CHECK(socket_of({.socket = "", .config_file = good}).value() == folder.path("here.sock"));
}

TEST_CASE("a file that does not load cannot name the socket; the error has its problems") {
  const Folder folder;
  const std::string bad = folder.write("bad.yaml", "frontend: 1\n");
  const auto socket = socket_of({.socket = "", .config_file = bad});
  REQUIRE_FALSE(socket);
  CHECK(contains(socket.error(), "bad.yaml does not load"));
  CHECK(contains(socket.error(), "--socket PATH"));
  CHECK(contains(socket.error(), bad + ":1:1: error:"));
}

TEST_CASE("an answer is understood however it is cut") {
  const Folder folder;
  struct Case {
    std::string wire;
    bool ok;
    std::string text;
  };
  const Case cases[] = {{"ok\nline 1\nline 2\n", true, "line 1\nline 2\n"},
                        {"ok\n", true, ""},
                        {"ok", true, ""},
                        {"refused\nwhy\n", false, "why\n"},
                        {"ok\n" + std::string(500'000, 'x'), true, std::string(500'000, 'x')}};
  int number = 0;
  for (const Case& c : cases) {
    for (const std::size_t piece : {1, 2, 3, 4, 5, 6, 7, 8, 16, 31, 70'000}) {
      if (piece < 8 && c.wire.size() > 1000) continue;
      const std::string path = folder.path(std::to_string(++number));
      OneAnswer process(path, c.wire, piece);
      const auto answer = ask(path, "question", 60s);
      REQUIRE(answer);
      CHECK(answer->ok == c.ok);
      CHECK(answer->text == c.text);
      CHECK(process.line() == "question");
    }
  }
}

TEST_CASE("each way of not getting an answer is a sentence of its own") {
  const Folder folder;
  struct Case {
    std::string wire;
    const char* part;
  };
  int number = 0;
  for (const Case& c : {Case{"", "without an answer: has reseal ended"},
                        Case{"unknown\nunknown command; there are:\n", "of another version"},
                        Case{"HTTP/1.1 400 \x1b[31m\r\n",
                             "is not the socket of reseal: it answered 'HTTP/1.1 400 \\x1b[31m"}}) {
    const std::string path = folder.path(std::to_string(++number));
    const OneAnswer process(path, c.wire);
    const auto answer = ask(path, "stats", 60s);
    REQUIRE_FALSE(answer);
    INFO(answer.error());
    CHECK(contains(answer.error(), c.part));
  }

  const auto error_of = [](const std::string& path, std::chrono::milliseconds patience) {
    const auto answer = ask(path, "stats", patience);
    return answer ? std::string("an answer") : answer.error();
  };
  CHECK(contains(error_of(folder.path("none.sock"), 60s), "is reseal running?"));
  CHECK(contains(error_of(folder.path(std::string(200, 'a')), 60s), "File name too long"));
  CHECK(contains(error_of(folder.write("plain", "text"), 60s), "is not a socket"));
  listening_socket(folder.path("dead.sock"));
  CHECK(contains(error_of(folder.path("dead.sock"), 60s), "reseal is not running (any more)"));
  const net::Fd silent = listening_socket(folder.path("silent.sock"));
  CHECK(contains(error_of(folder.path("silent.sock"), 0s), "no answer within 0 s"));
}

TEST_CASE("a process is alive as long as somebody listens at its socket") {
  const Folder folder;
  const std::string path = folder.path("admin.sock");
  CHECK_FALSE(is_alive(path));
  {
    const net::Fd listening = listening_socket(path);
    CHECK(is_alive(path));
  }
  CHECK(std::filesystem::exists(path));
  CHECK_FALSE(is_alive(path));
}

TEST_CASE("each command asks its question, prints the answer and has its status") {
  stats::Snapshot snapshot;
  snapshot.version = "9.8.7";
  const std::string statistics = stats::json_text(snapshot);
  struct Case {
    std::vector<std::string> arguments;
    std::string wire, line;
    int status;
    const char *out, *error;
  };
  const Case cases[] = {
      {{"reload"}, "ok\nserver web/web4 added\n", "reload", 0, "reloaded: server web/web4 added\n", ""},
      {{"reload"},
       "refused\nreload refused\na.yaml:1:1: error: no\n",
       "reload",
       1,
       "",
       "reload refused\na.yaml:1:1: error: no\n"},
      {{"reload"}, "", "reload", 1, "", "without an answer"},
      {{"stats"}, "ok\n" + statistics, "stats", 0, "reseal 9.8.7  up 0s", ""},
      {{"stats"}, "ok\n{}", "stats", 1, "", "not the statistics"},
      {{"stats", "--json"}, "ok\n" + statistics, "stats", 0, "\"version\": \"9.8.7\"", ""},
      {{"stop"}, "ok\nstopping\n", "stop", 0, "stopping: ", ""},
      {{"stop", "--wait"}, "ok\nstopping\n", "stop", 0, "\nstopped\n", ""},
  };
  const Folder folder;
  int number = 0;
  for (const Case& c : cases) {
    const std::string path = folder.path(std::to_string(++number));
    OneAnswer process(path, c.wire);
    auto arguments = c.arguments;
    arguments.insert(arguments.end(), {"-s", path});
    const Outcome outcome = run_reseal(arguments);
    INFO(c.arguments[0] << ": " << outcome.out << outcome.error);
    CHECK(process.line() == c.line);
    CHECK(outcome.status == c.status);
    CHECK(contains(outcome.out, c.out));
    CHECK(contains(outcome.error, c.error));
    CHECK(outcome.error.empty() == (c.status == 0));
  }
}
