#include "lb/haproxy/values.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::haproxy;
using namespace std::chrono_literals;

namespace {

std::string text_of(const std::vector<config::Bind>& binds) {
  std::string text;
  for (const config::Bind& bind : binds) text += bind.text() + ' ';
  return text;
}

}  // namespace

TEST_CASE("times have HAProxy's units, milliseconds where there is none") {
  CHECK(parse_time("250") == 250ms);
  CHECK(parse_time("5s") == 5s);
  CHECK(parse_time("500ms") == 500ms);
  CHECK(parse_time("1500us") == 2ms);
  CHECK(parse_time("2m") == 2min);
  CHECK(parse_time("1h") == 1h);
  CHECK(parse_time("24d") == 24h * 24);
  CHECK(parse_time("3", 1s) == 3s);
  CHECK(parse_time("0") == 0ms);
  for (const char* wrong : {"", "s", "-1", "1x", "1.5s", "5 s", "1S", "99999999999999999999", "25d"}) {
    INFO(wrong);
    CHECK_FALSE(parse_time(wrong));
  }
}

TEST_CASE("sizes have k, m and g") {
  CHECK(parse_size("16384") == 16384U);
  CHECK(parse_size("16k") == 16384U);
  CHECK(parse_size("2M") == 2097152U);
  CHECK(parse_size("1g") == 1073741824U);
  for (const char* wrong : {"", "k", "1kb", "-1", "99999999999g"}) {
    INFO(wrong);
    CHECK_FALSE(parse_size(wrong));
  }
}

TEST_CASE("bind addresses: every form of host and port that reseal can listen on") {
  const auto binds = [](std::string_view text) {
    const auto parsed = parse_bind_addresses(text, {});
    return parsed ? text_of(*parsed) : parsed.error();
  };
  CHECK(binds("*:80") == "*:80 ");
  CHECK(binds(":80") == "*:80 ");
  CHECK(binds("10.0.0.1:8080,10.0.0.2:8081") == "10.0.0.1:8080 10.0.0.2:8081 ");
  CHECK(binds("[::1]:443") == "[::1]:443 ");
  CHECK(binds(":::443") == "[::]:443 ");
  CHECK(binds("ipv4@127.0.0.1:80") == "127.0.0.1:80 ");
  CHECK(binds("ipv6@:80") == "[::]:80 ");
  CHECK(binds("ipv4@[::1]:80") == "'::1' is no address of IPv4");
  CHECK(binds("127.0.0.1:8000-8002") == "127.0.0.1:8000 127.0.0.1:8001 127.0.0.1:8002 ");
  CHECK(binds("127.0.0.1") == "'127.0.0.1' has no port: ADDRESS:PORT, :PORT or *:PORT is expected");
  CHECK(binds("*:http") == "'http' is no port: a number from 1 to 65535 is expected");
  CHECK(binds("*:90-80").find("out of order") != std::string::npos);
  CHECK(binds("*:1-65535").find("more than 1,000") != std::string::npos);
  CHECK(binds("/run/x.sock") == "unix@/run/x.sock ");
  CHECK(binds("abns@web") == "abns@web ");
  CHECK(binds("fd@3") == "fd@3 ");
  CHECK(binds("sockpair@3").find("'sockpair@' are not there; an IPv4") != std::string::npos);
}

TEST_CASE("server addresses: host and port, port 0 for none") {
  const auto server = [](std::string_view text) {
    const auto parsed = parse_server_address(text);
    return parsed ? parsed->host + " " + std::to_string(parsed->port) : parsed.error();
  };
  CHECK(server("10.0.0.1:80") == "10.0.0.1 80");
  CHECK(server("web.internal:8443") == "web.internal 8443");
  CHECK(server("web.internal") == "web.internal 0");
  CHECK(server("[2001:db8::1]:80") == "2001:db8::1 80");
  CHECK(server("2001:db8::1") == "2001:db8::1 0");
  CHECK(server("ipv6@[::1]:80") == "::1 80");
  CHECK(parse_server_address("10.0.0.1:+100")->port_offset == 100);
  CHECK(parse_server_address("10.0.0.1:-7")->port_offset == -7);
  CHECK(parse_server_address("10.0.0.1:")->port_offset == 0);
  CHECK(parse_server_address("10.0.0.1")->port_offset == 0);
  CHECK_FALSE(parse_server_address("10.0.0.1:80")->port_offset);
  CHECK(server("10.0.0.1:+x").find("is no port") != std::string::npos);
  CHECK(server("*:80").find("names no server") != std::string::npos);
  CHECK(server("0.0.0.0:80").find("not there yet as a server's") != std::string::npos);
  CHECK(server("ipv4@tcp@127.0.0.1:80").find("'tcp@' are not there") != std::string::npos);
  CHECK(server("ipv6@localhost:80").find("numeric addresses only") != std::string::npos);
  CHECK(server("unix@/run/x") == "unix@/run/x 0");
  CHECK(server("/run/x") == "unix@/run/x 0");
  CHECK(server("abns@x") == "abns@x 0");
  CHECK(server("fd@3").find("'fd@' are not there") != std::string::npos);
}
