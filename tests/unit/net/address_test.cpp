#include "lb/net/address.h"

#include <arpa/inet.h>

#include <array>
#include <catch2/catch.hpp>

#include "lb/net/cidr.h"
#include "lb/net/ip_text.h"

using namespace reseal::net;

TEST_CASE("numeric addresses are read and written back") {
  CHECK(Address::parse("10.0.0.1", 80)->text() == "10.0.0.1:80");
  CHECK(Address::parse("2001:db8::1", 443)->text() == "[2001:db8::1]:443");
  for (const char* bad : {"", "10.0.0", "10.0.0.256", "example.org", "::g", "10.0.0.1 "})
    CHECK_FALSE(Address::parse(bad, 1));
}

TEST_CASE("loopback is what stays on the machine") {
  for (const char* host : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"})
    CHECK(Address::parse(host, 1)->is_loopback());
  for (const char* host : {"10.0.0.1", "0.0.0.0", "::", "::2", "128.0.0.1"})
    CHECK_FALSE(Address::parse(host, 1)->is_loopback());
}

TEST_CASE("a mapped IPv4 address has the bytes of the IPv4 one") {
  CHECK(Address::parse("::ffff:10.0.0.1", 1)->host_bytes() == Address::parse("10.0.0.1", 1)->host_bytes());
}

TEST_CASE("host and port are split or refused in words") {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const Case& c :
       {Case{"*:443", "*", 443}, {"[::1]:80", "::1", 80}, {"web1.internal:8443", "web1.internal", 8443}}) {
    const auto parts = split_host_port(c.text);
    REQUIRE(parts);
    CHECK(parts->host == c.host);
    CHECK(parts->port == c.port);
  }
  for (const char* bad :
       {"host", "host:", "host:x", "host:65536", ":80", "::1:80", "[::1:80", "[x]:80", "host:-1"}) {
    INFO(bad);
    const auto parts = split_host_port(bad);
    REQUIRE_FALSE(parts);
    CHECK_FALSE(parts.error().empty());
  }
}

TEST_CASE("blocks of addresses match by prefix") {
  CidrSet set;
  REQUIRE(set.add("10.0.0.0/8"));
  REQUIRE(set.add("192.0.2.7"));
  REQUIRE(set.add("2001:db8::/33"));
  struct Case {
    const char* host;
    bool inside;
  };
  for (const Case& c : {Case{"10.255.0.1", true},
                        {"11.0.0.1", false},
                        {"192.0.2.7", true},
                        {"192.0.2.8", false},
                        {"2001:db8:7fff::1", true},
                        {"2001:db8:8000::1", false},
                        {"::ffff:10.1.1.1", true}}) {
    INFO(c.host);
    CHECK(set.contains(*Address::parse(c.host, 1)) == c.inside);
  }
  for (const char* bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x/8", "2001:db8::/129"})
    CHECK_FALSE(set.add(bad));
}

TEST_CASE("an IPv4 address is written as inet_ntop() does") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::array<unsigned char, 4> bytes{static_cast<unsigned char>(byte), 0,
                                             static_cast<unsigned char>(255 - byte), 10};
    std::array<char, INET6_ADDRSTRLEN> expected{};
    inet_ntop(AF_INET, bytes.data(), expected.data(), expected.size());
    std::array<char, INET6_ADDRSTRLEN> out{};
    CHECK(ip_text({reinterpret_cast<const char*>(bytes.data()), 4}, out) == expected.data());
  }
}
