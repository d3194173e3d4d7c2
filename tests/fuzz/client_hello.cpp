// The bytes at the front of a connection as a ClientHello: the answer comes with its last byte, is the same however
// the records are cut and whatever follows, and holds nothing but a host name and a well-formed list.
//
// Input: one byte (the size of the records it is cut into again), the bytes.
#include "tls/client_hello.h"

#include <algorithm>

#include "tests/fuzz/fuzz_check.h"

namespace reseal::tls {
namespace {

using Status = ClientHelloParse::Status;

std::size_t record_length(std::string_view bytes, std::size_t at) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + 3])) << 8 |
         static_cast<unsigned char>(bytes[at + 4]);
}

/// Where the ClientHello ends and its handshake message, for a complete one.
std::pair<std::size_t, std::string> message_of(std::string_view bytes) {
  std::size_t at = 0;
  std::string message;
  while (parse_client_hello(bytes.substr(0, at)).status == Status::kNeedMore) {
    const std::size_t length = record_length(bytes, at);
    message.append(bytes.substr(at + 5, length));
    at += 5 + length;
  }
  return {at, message};
}

bool same(const ClientHello& a, const ClientHello& b) {
  return a.server_name == b.server_name && a.alpn == b.alpn && a.version == b.version;
}

void check_complete(std::string_view bytes, const ClientHello& hello, std::size_t piece) {
  constexpr std::string_view kNameChars = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  FUZZ_CHECK(hello.server_name.size() <= 253);
  FUZZ_CHECK(hello.server_name.find_first_not_of(kNameChars) == std::string::npos);
  FUZZ_CHECK(hello.server_name.find("..") == std::string::npos);
  FUZZ_CHECK(!hello.server_name.starts_with('.') && !hello.server_name.ends_with('.'));
  FUZZ_CHECK(hello.version >> 8 == 3);
  for (std::string_view list = hello.alpn; !list.empty();) {
    const std::size_t length = static_cast<unsigned char>(list.front());
    FUZZ_CHECK(length != 0 && length < list.size());
    list.remove_prefix(1 + length);
  }

  const auto [end, message] = message_of(bytes);
  FUZZ_CHECK(end <= std::min(bytes.size(), kMaxClientHelloBytes));
  FUZZ_CHECK(parse_client_hello(bytes.substr(0, end - 1)).status == Status::kNeedMore);
  std::string again;
  for (std::size_t at = 0; at < message.size(); at += piece) {
    const std::string_view part = std::string_view(message).substr(at, piece);
    again.append("\x16\x03\x01").push_back(static_cast<char>(part.size() >> 8));
    again.append(1, static_cast<char>(part.size() & 0xff)).append(part);
  }
  if (again.size() > kMaxClientHelloBytes) return;
  const ClientHelloParse parse = parse_client_hello(again + "\x17");
  FUZZ_CHECK(parse.status == Status::kComplete && same(parse.hello, hello));
}

}  // namespace
}  // namespace reseal::tls

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::tls;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ClientHelloParse parse = parse_client_hello(bytes);
  switch (parse.status) {
    case ClientHelloParse::Status::kNeedMore:
      FUZZ_CHECK(bytes.size() < kMaxClientHelloBytes);
      break;
    case ClientHelloParse::Status::kNotTls:
    case ClientHelloParse::Status::kMalformed:
      FUZZ_CHECK(*parse.detail != '\0');
      FUZZ_CHECK(parse_client_hello(std::string(bytes) + "x").status == parse.status);
      break;
    case ClientHelloParse::Status::kComplete:
      check_complete(bytes, parse.hello, data[0] + 1U);
      break;
  }
  return 0;
}
