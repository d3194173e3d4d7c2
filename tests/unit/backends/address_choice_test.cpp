#include "backends/address_choice.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::backends;

namespace {

net::Address at(const char* host) {
  return *net::Address::parse(host, 80);
}

AddressWish wish(const char* current = nullptr, int family = AF_INET) {
  AddressWish made;
  if (current != nullptr) made.current = at(current);
  made.family = family;
  return made;
}

using Chosen = std::vector<std::optional<std::size_t>>;

}  // namespace

TEST_CASE("servers without an address get one each, and those for whom none is left get none") {
  CHECK(choose_addresses({wish(), wish(), wish()}, {at("10.0.0.1"), at("10.0.0.2")}) == Chosen{0, 1, {}});
  CHECK(choose_addresses({wish(), wish()}, {}) == Chosen{{}, {}});
}

TEST_CASE("a server stays where it is while its name leads there, and nobody takes its place") {
  const std::vector<net::Address> found = {at("10.0.0.3"), at("10.0.0.2"), at("10.0.0.1")};
  CHECK(choose_addresses({wish("10.0.0.1"), wish("10.0.0.9"), wish("10.0.0.2")}, found) == Chosen{2, 0, 1});
  // The one in front is asked first and must leave what one behind it has.
  CHECK(choose_addresses({wish(), wish("10.0.0.3")}, {at("10.0.0.3")}) == Chosen{{}, 0});
}

TEST_CASE("servers share addresses only where they may") {
  AddressWish sharing = wish();
  sharing.shares = true;
  CHECK(choose_addresses({sharing, sharing}, {at("10.0.0.1")}) == Chosen{0, 0});
}

TEST_CASE("the family counts before the network, and that before staying") {
  AddressWish near = wish("10.0.0.1");
  REQUIRE(near.networks.add("192.168.0.0/16"));
  const std::vector<net::Address> found = {at("10.0.0.1"), at("192.168.0.1"), at("::1")};
  CHECK(choose_addresses({near}, found) == Chosen{1});
  near.family = AF_INET6;
  CHECK(choose_addresses({near}, found) == Chosen{2});
}
