#include "tls/websocket_key.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>

namespace reseal::tls {
namespace {

constexpr std::string_view kAcceptText = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 16;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "reseal: no %s to be had from OpenSSL\n", what);
  std::abort();
}

/// At most EVP_MAX_MD_SIZE bytes.
std::string base64(std::span<const unsigned char> bytes) {
  std::array<unsigned char, 4 * ((EVP_MAX_MD_SIZE + 2) / 3) + 1> text;
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

}  // namespace

std::string new_websocket_key() {
  std::array<unsigned char, kKeyBytes> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) give_up("random numbers");
  return base64(bytes);
}

std::string websocket_accept(std::string_view key) {
  const std::string message = std::string(key).append(kAcceptText);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned int size = 0;
  if (EVP_Digest(message.data(), message.size(), hash.data(), &size, EVP_sha1(), nullptr) != 1)
    give_up("SHA-1");
  return base64(std::span(hash).first(size));
}

}  // namespace reseal::tls
