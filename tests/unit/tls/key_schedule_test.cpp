#include "tls/key_schedule.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tls/key_schedule_provider.h"

using namespace reseal::tls;

namespace {

using Data = std::vector<unsigned char>;

Data unhex(std::string_view text) {
  Data bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<unsigned char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

Data expanded(const KeySchedule& schedule, const Data& secret, std::string_view label, const Data& context,
              std::size_t size) {
  Data out(size);
  REQUIRE(schedule.expand_label(secret, "tls13 ", label, context, out));
  return out;
}

Data extracted(const KeySchedule& schedule, const Data& salt, const Data& key) {
  Data out(schedule.hash_size());
  schedule.extract(salt, key, out.data());
  return out;
}

/// What libssl asks a TLS13-KDF for.
struct Request {
  std::string digest = "SHA2-256";
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  std::string prefix = "tls13 ";
  std::string label = "key";
  Data key;
  Data salt;
  Data data;
  std::size_t size = 32;
};

using Kdf = std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)>;
Kdf fetch(const char* properties) {
  return {EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_3_KDF, properties), &EVP_KDF_free};
}

/// Empty: refused.
Data derived(const char* properties, Request request) {
  const Kdf kdf = fetch(properties);
  REQUIRE(kdf != nullptr);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()),
                                                                          &EVP_KDF_CTX_free);
  std::vector<OSSL_PARAM> parameters = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &request.mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, request.digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, request.prefix.data(), request.prefix.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, request.label.data(), request.label.size())};
  const auto add = [&](const char* name, Data& bytes) {
    if (!bytes.empty())
      parameters.push_back(OSSL_PARAM_construct_octet_string(name, bytes.data(), bytes.size()));
  };
  add(OSSL_KDF_PARAM_KEY, request.key);
  add(OSSL_KDF_PARAM_SALT, request.salt);
  add(OSSL_KDF_PARAM_DATA, request.data);
  parameters.push_back(OSSL_PARAM_construct_end());
  Data out(request.size);
  if (EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) != 1) out.clear();
  return out;
}

constexpr const char* kOpenSslsOwn = "provider=default";

}  // namespace

TEST_CASE("the secrets of RFC 8448 section 3 come out") {
  const KeySchedule& sha256 = *KeySchedule::of("SHA256");
  const Data early = unhex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
  CHECK(extracted(sha256, {}, {}) == early);
  const Data nothing(sha256.hash_of_nothing().begin(), sha256.hash_of_nothing().end());
  const Data salt = expanded(sha256, early, "derived", nothing, 32);
  CHECK(salt == unhex("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"));
  const Data shared = unhex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
  const Data handshake = extracted(sha256, salt, shared);
  CHECK(handshake == unhex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"));
  const Data hello_hash = unhex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8");
  const Data server = expanded(sha256, handshake, "s hs traffic", hello_hash, 32);
  CHECK(server == unhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));
  CHECK(expanded(sha256, server, "key", {}, 16) == unhex("3fce516009c21727d0f2e4e86ee403bc"));
  CHECK(expanded(sha256, server, "iv", {}, 12) == unhex("5d313eb2671276ee13000b30"));
}

TEST_CASE("whatever libssl may ask for, ours and OpenSSL's own answer alike") {
  install_key_schedule();
  std::mt19937 random(8446);
  const auto bytes = [&](std::size_t most, std::size_t least = 0) {
    Data made(std::uniform_int_distribution<std::size_t>(least, most)(random));
    for (unsigned char& byte : made) byte = static_cast<unsigned char>(random());
    return made;
  };
  for (int round = 0; round < 2000; ++round) {
    Request request;
    request.digest = std::vector<std::string>{"SHA256", "SHA2-256", "SHA-256",
                                              "SHA384", "SHA2-384", "SHA-384"}[random() % 6];
    const std::size_t hash_size = request.digest.ends_with("256") ? 32 : 48;
    request.key = bytes(200, 1);
    if (random() % 2 == 0) {
      request.mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
      request.label = "derived";
      request.size = hash_size;
      if (random() % 4 == 0) request.key.clear();
      if (random() % 4 != 0) request.salt = bytes(hash_size, hash_size);
    } else {
      const Data label = bytes(40, 1);
      request.label.assign(label.begin(), label.end());
      request.data = bytes(64);
      request.size = 1 + random() % 300;
    }
    const Data ours = derived(kOwnKeySchedule, request);
    REQUIRE_FALSE(ours.empty());
    REQUIRE(ours == derived(kOpenSslsOwn, request));
  }
}

TEST_CASE("who asks for our key schedule gets it, who asks for nothing OpenSSL's own") {
  install_key_schedule();
  const auto provider_of = [](const char* properties) {
    return std::string(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(fetch(properties).get())));
  };
  CHECK(provider_of(kOwnKeySchedule) == "reseal");
  CHECK(provider_of(nullptr) == "default");
  CHECK(provider_of("provider=default") == "default");
}

TEST_CASE("what cannot be derived is refused") {
  install_key_schedule();
  Request request;
  request.key = Data(32, 1);
  REQUIRE(derived(kOwnKeySchedule, request).size() == 32);
  SECTION("another hash than those of the suites") {
    request.digest = "SHA512";
  }
  SECTION("another mode") {
    request.mode = EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND;
  }
  SECTION("a label longer than its length can say") {
    request.label = std::string(250, 'x');
  }
  SECTION("a context longer than its length can say") {
    request.data = Data(256, 1);
  }
  SECTION("more than 255 blocks") {
    request.size = 255 * 32 + 1;
  }
  SECTION("a secret of another size than the hash") {
    request.mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    request.size = 31;
  }
  CHECK(derived(kOwnKeySchedule, request).empty());
}
