#include "tls/keyed_hash.h"

#include <catch2/catch.hpp>

namespace reseal::tls {
namespace {

TEST_CASE("the keyed hash is HMAC-SHA256") {
  // RFC 4231, test cases 2 and 1.
  CHECK(KeyedHash("Jefe").hex("what do ya want for nothing?", 32) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(KeyedHash(std::string(20, '\x0b')).hex("Hi There", 8) == "b0344c61d8db3853");
}

TEST_CASE("another secret or another message makes another hash, a random secret is one of its own") {
  const KeyedHash random, other;
  CHECK(random.hex("a", 16) == random.hex("a", 16));
  CHECK(random.hex("a", 16) != random.hex("b", 16));
  CHECK(random.hex("a", 16) != other.hex("a", 16));
  CHECK(random.hex("a", 16).size() == 32);
}

}  // namespace
}  // namespace reseal::tls
