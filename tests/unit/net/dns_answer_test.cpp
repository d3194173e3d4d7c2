#include <catch2/catch.hpp>

#include "lb/net/dns_client.h"

using namespace reseal::net;

namespace {

/// An answer to "a.b" with records of one type.
std::vector<unsigned char> message(unsigned char code, unsigned char type,
                                   const std::vector<std::vector<unsigned char>>& records) {
  std::vector<unsigned char> out = {1,
                                    2,
                                    0x81,
                                    static_cast<unsigned char>(0x80 | code),
                                    0,
                                    1,
                                    static_cast<unsigned char>(records.size() >> 8U),
                                    static_cast<unsigned char>(records.size()),
                                    0,
                                    0,
                                    0,
                                    0};
  const auto add = [&](std::vector<unsigned char> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
  };
  add({1, 'a', 1, 'b', 0, 0, type, 0, 1});
  for (const auto& data : records) {
    add({0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, static_cast<unsigned char>(data.size())});
    add(data);
  }
  return out;
}

constexpr unsigned char kA = 1, kAaaa = 28, kSrv = 33;

}  // namespace

TEST_CASE("addresses of both families and servers of a service are read") {
  auto answer = parse_dns_answer(DnsKind::kA, message(0, kA, {{10, 0, 0, 1}, {10, 0, 0, 2}}));
  CHECK(answer.status == DnsStatus::kValid);
  REQUIRE(answer.records.size() == 2);
  CHECK(answer.records[1].address.host() == "10.0.0.2");
  answer =
      parse_dns_answer(DnsKind::kAaaa, message(0, kAaaa, {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}));
  REQUIRE(answer.records.size() == 1);
  CHECK(answer.records[0].address.host() == "::1");
  answer = parse_dns_answer(DnsKind::kSrv, message(0, kSrv, {{0, 1, 0, 200, 0x1f, 0x90, 1, 'x', 1, 'y', 0}}));
  REQUIRE(answer.records.size() == 1);
  CHECK(answer.records[0].target == "x.y");
  CHECK(answer.records[0].port == 8080);
  CHECK(answer.records[0].weight == 200);
}

TEST_CASE("answers without an address say why") {
  CHECK(parse_dns_answer(DnsKind::kA, message(3, kA, {})).status == DnsStatus::kNoName);
  CHECK(parse_dns_answer(DnsKind::kA, message(5, kA, {})).status == DnsStatus::kRefused);
  CHECK(parse_dns_answer(DnsKind::kA, message(2, kA, {})).status == DnsStatus::kOther);
  CHECK(parse_dns_answer(DnsKind::kA, message(0, kA, {})).status == DnsStatus::kOther);
  CHECK(parse_dns_answer(DnsKind::kA, message(0, kAaaa, {std::vector<unsigned char>(16)})).status ==
        DnsStatus::kOther);
}

TEST_CASE("a cut or overlong answer is none") {
  const auto whole = message(0, kA, {{10, 0, 0, 1}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto answer = parse_dns_answer(DnsKind::kA, {whole.data(), size});
    CHECK(answer.status != DnsStatus::kValid);
    CHECK(answer.records.empty());
  }
  const std::vector<std::vector<unsigned char>> many(1000, {10, 0, 0, 1});
  CHECK(parse_dns_answer(DnsKind::kA, message(0, kA, many)).records.size() == kMostDnsRecords);
}
