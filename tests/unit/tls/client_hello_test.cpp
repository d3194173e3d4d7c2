#include "tls/client_hello.h"

#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tls_test_support.h"

namespace reseal::tls {
namespace {

using namespace std::string_literals;
using Status = ClientHelloParse::Status;

std::string number(std::size_t value, std::size_t width) {
  std::string bytes;
  for (std::size_t shift = width * 8; shift != 0; shift -= 8)
    bytes += static_cast<char>(value >> (shift - 8) & 0xff);
  return bytes;
}
std::string vector(std::size_t width, const std::string& bytes) {
  return number(bytes.size(), width) + bytes;
}
std::string extension(std::size_t type, const std::string& bytes) {
  return number(type, 2) + vector(2, bytes);
}
std::string server_name(const std::string& name) {
  return extension(0, vector(2, "\0"s + vector(2, name)));
}
std::string alpn(const std::string& list) {
  return extension(16, vector(2, list));
}

/// A ClientHello by hand, whose parts a test may spoil.
struct Parts {
  std::string version = "\3\3";
  std::string session_id = vector(1, "");
  std::string ciphers = vector(2, "\x13\1");
  std::string compression = vector(1, "\0"s);
  std::string extensions = {};
  bool has_extensions = true;

  [[nodiscard]] std::string body() const {
    return version + std::string(32, 'r') + session_id + ciphers + compression +
           (has_extensions ? vector(2, extensions) : "");
  }
};
std::string message(const std::string& body) {
  return "\1" + vector(3, body);
}
std::string record(const std::string& fragment) {
  return "\x16\3\1" + vector(2, fragment);
}
/// The message in records of `size` bytes.
std::string records(const std::string& handshake, std::size_t size) {
  std::string bytes;
  for (std::size_t at = 0; at < handshake.size(); at += size) bytes += record(handshake.substr(at, size));
  return bytes;
}
std::string hello_with(const std::string& extensions) {
  return record(message(Parts{.extensions = extensions}.body()));
}

/// Asks with one byte more each time, each a copy of its own, until there is an answer.
struct Answer {
  ClientHelloParse parse;
  std::size_t bytes_needed = 0;
};
Answer parse_bytewise(const std::string& bytes) {
  Answer answer;
  for (std::size_t size = 0; size <= bytes.size() && answer.parse.status == Status::kNeedMore; ++size) {
    const std::vector<char> copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    answer.parse = parse_client_hello({copy.data(), copy.size()});
    answer.bytes_needed = size;
  }
  return answer;
}

std::string openssl_hello(const test::RawPeer::Settings& settings,
                          const std::function<void(SSL&)>& prepare = {}) {
  test::RawPeer client(settings);
  if (prepare) prepare(client.ssl());
  client.receive("");
  return client.take_output();
}

TEST_CASE("the ClientHello of OpenSSL tells its name, protocols and version") {
  const std::string hello = openssl_hello({.server = false, .sni = "A.Example", .alpn = "h2"});
  const Answer answer = parse_bytewise(hello);
  CHECK(answer.parse.status == Status::kComplete);
  CHECK(answer.bytes_needed == hello.size());
  CHECK(answer.parse.hello.server_name == "a.example");
  CHECK(answer.parse.hello.alpn == "\2h2");
  CHECK(answer.parse.hello.version == 0x0304);

  const ClientHelloParse old =
      parse_client_hello(openssl_hello({.server = false, .version = TLS1_2_VERSION}));
  CHECK(old.status == Status::kComplete);
  CHECK(old.hello.server_name.empty());
  CHECK(old.hello.alpn.empty());
  CHECK(old.hello.version == 0x0303);
}

TEST_CASE("a ClientHello that OpenSSL spreads over records is one") {
  std::string protocols;
  for (int i = 0; i < 20; ++i) protocols += vector(1, std::string(100, static_cast<char>('a' + i)));
  protocols += vector(1, "h2");
  const std::string hello = openssl_hello({.server = false, .sni = "a.example"}, [&protocols](SSL& ssl) {
    SSL_set_alpn_protos(&ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
    SSL_ctrl(&ssl, SSL_CTRL_SET_MAX_SEND_FRAGMENT, 512, nullptr);
  });
  REQUIRE(hello.substr(3, 2) == number(512, 2));
  const Answer answer = parse_bytewise(hello);
  REQUIRE(answer.parse.status == Status::kComplete);
  CHECK(answer.bytes_needed == hello.size());
  CHECK(answer.parse.hello.server_name == "a.example");
  CHECK(answer.parse.hello.alpn == protocols);
}

TEST_CASE("records of any size carry the same ClientHello, and what follows it changes nothing") {
  const std::string handshake = message(Parts{.extensions = server_name("a.example") + alpn("\2h2")}.body());
  for (const std::size_t size : {1, 2, 3, 4, 5, 6, 7, 8, 16, 31, 16384}) {
    const std::string bytes = records(handshake, size);
    CHECK(parse_bytewise(bytes).bytes_needed == bytes.size());
    for (const std::string& behind : {""s, "\x17\3\3\0\5early"s, "\x14\3\3\0\1\1"s, "nonsense"s}) {
      const ClientHelloParse parse = parse_client_hello(bytes + behind);
      CHECK(parse.status == Status::kComplete);
      CHECK(parse.hello.server_name == "a.example");
      CHECK(parse.hello.alpn == "\2h2");
    }
  }
}

TEST_CASE("what is optional may be absent, and unknown extensions are passed over") {
  struct Case {
    const char* name;
    std::string bytes;
    std::string server_name;
    int version;
  };
  const Case cases[] = {
      {"no extensions at all", record(message(Parts{.has_extensions = false}.body())), "", 0x0303},
      {"an empty list of extensions", hello_with(""), "", 0x0303},
      {"TLS 1.0", record(message(Parts{.version = "\3\1"}.body())), "", 0x0301},
      {"unknown extensions", hello_with(extension(0x0a0a, "") + server_name("a") + extension(65280, "x")),
       "a", 0x0303},
      {"a list of versions with reserved ones", hello_with(extension(43, vector(1, "\x8a\x8a\3\4\3\3"))), "",
       0x0304},
      {"a final dot", hello_with(server_name("A.example.")), "a.example", 0x0303},
      {"underscores and digits", hello_with(server_name("_sip.1.x-y")), "_sip.1.x-y", 0x0303},
      {"a label of 63", hello_with(server_name(std::string(63, 'a'))), std::string(63, 'a'), 0x0303},
      {"a session id of 32", record(message(Parts{.session_id = vector(1, std::string(32, 's'))}.body())), "",
       0x0303},
      {"the longest", hello_with(extension(21, std::string(16384 - 5 - 4 - 41 - 2 - 4, '\0'))), "", 0x0303},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const ClientHelloParse parse = parse_client_hello(c.bytes);
    CHECK(parse.detail == ""s);
    CHECK(parse.status == Status::kComplete);
    CHECK(parse.hello.server_name == c.server_name);
    CHECK(parse.hello.version == c.version);
  }
}

TEST_CASE("what is not TLS is told by its first bytes") {
  for (const std::string& bytes : {"GET / HTTP/1.1\r\n"s, "SSH-2.0-x\r\n"s, "PROXY TCP4"s, "\x80\x2e\1\3\1"s,
                                   "\x15\3\1\0\2"s, "\x17\3\3"s, "\x16\2\0"s, "\x16\4\1"s, "\0"s}) {
    const Answer answer = parse_bytewise(bytes);
    CHECK(answer.parse.status == Status::kNotTls);
    CHECK(answer.parse.detail != ""s);
    CHECK(answer.bytes_needed <= 2);
  }
}

TEST_CASE("a ClientHello that breaks the rules is refused") {
  const std::string good = message(Parts{.extensions = server_name("a.example")}.body());
  struct Case {
    const char* name;
    std::string bytes;
  };
  const Case cases[] = {
      {"an empty record", record("")},
      {"an empty record between", record(good.substr(0, 9)) + record("") + record(good.substr(9))},
      {"a record too long", "\x16\3\1\x40\1"s},
      {"another record between", record(good.substr(0, 9)) + "\x15\3\1\0\2\1\0"s + record(good.substr(9))},
      {"a record of another version between", record(good.substr(0, 9)) + "\x16\2\1\0\1"s},
      {"another message", record("\2" + vector(3, "x"))},
      {"a second message in the record", record(good + message("x"))},
      {"a byte behind the message", record(good + "x")},
      {"an announced byte behind the message", "\x16\3\1" + number(good.size() + 1, 2) + good},
      {"an announced length over the limit", "\x16\3\1\0\x40\1\0\x40\0"s},
      {"an announced length of 16 MiB", "\x16\3\1\0\x40\1\xff\xff\xff"s},
      {"an empty message", record(message(""))},
      {"SSL 2 inside", record(message(Parts{.version = "\2\0"s}.body()))},
      {"a session id too long", record(message(Parts{.session_id = vector(1, std::string(33, 's'))}.body()))},
      {"no ciphers", record(message(Parts{.ciphers = vector(2, "")}.body()))},
      {"half a cipher", record(message(Parts{.ciphers = vector(2, "\x13\1\x13")}.body()))},
      {"ciphers that overrun", record(message(Parts{.ciphers = "\xff\xff"}.body()))},
      {"no compression methods", record(message(Parts{.compression = vector(1, "")}.body()))},
      {"a byte behind the extensions", record(message(Parts{}.body() + "x"))},
      {"extensions that end early", record(message(Parts{.has_extensions = false}.body() + "\0\5ab"s))},
      {"an extension that overruns", hello_with(number(0, 2) + number(9, 2) + "x")},
      {"half an extension", hello_with("\0\x10\0"s)},
      {"an extension twice", hello_with(extension(99, "") + extension(99, ""))},
      {"two server name extensions", hello_with(server_name("a") + server_name("b"))},
      {"two names in one", hello_with(extension(0, vector(2, "\0\0\1a\0\0\1b"s)))},
      {"no name in the list", hello_with(extension(0, vector(2, "")))},
      {"an empty server name extension", hello_with(extension(0, ""))},
      {"a name of another type", hello_with(extension(0, vector(2, "\1\0\1a"s)))},
      {"a name that overruns", hello_with(extension(0, vector(2, "\0\0\2a"s)))},
      {"a byte behind the list of names", hello_with(extension(0, vector(2, "\0\0\1a"s) + "x"))},
      {"an empty name", hello_with(server_name(""))},
      {"a dot alone", hello_with(server_name("."))},
      {"an empty label", hello_with(server_name("a..b"))},
      {"a leading dot", hello_with(server_name(".a"))},
      {"two final dots", hello_with(server_name("a.."))},
      {"a label of 64", hello_with(server_name(std::string(64, 'a')))},
      {"a name over 253", hello_with(server_name(std::string(63, 'a') + "." + std::string(63, 'a') + "." +
                                                 std::string(63, 'a') + "." + std::string(62, 'a')))},
      {"a NUL in a name", hello_with(server_name("good\0evil"s))},
      {"a blank in a name", hello_with(server_name("a b"))},
      {"a line end in a name", hello_with(server_name("a\r\nb"))},
      {"a slash in a name", hello_with(server_name("a/b"))},
      {"a wildcard for a name", hello_with(server_name("*.example"))},
      {"an IPv6 address for a name", hello_with(server_name("::1"))},
      {"a name in UTF-8", hello_with(server_name("\xc3\xa9.example"))},
      {"an empty ALPN extension", hello_with(extension(16, ""))},
      {"an empty ALPN list", hello_with(alpn(""))},
      {"an empty protocol", hello_with(alpn("\2h2\0"s))},
      {"a protocol that overruns", hello_with(alpn("\3h2"))},
      {"a byte behind the ALPN list", hello_with(extension(16, vector(2, "\2h2") + "x"))},
      {"an empty list of versions", hello_with(extension(43, vector(1, "")))},
      {"half a version", hello_with(extension(43, vector(1, "\3\4\3")))},
      {"reserved versions only", hello_with(extension(43, vector(1, "\x8a\x8a")))},
      {"a byte behind the versions", hello_with(extension(43, vector(1, "\3\4") + "x"))},
      {"one byte over the limit",
       hello_with(extension(21, std::string(16384 - 5 - 4 - 41 - 2 - 4 + 1, '\0')))},
      {"over the limit in records of one byte",
       records(message(Parts{.extensions = extension(21, std::string(4000, '\0'))}.body()), 1)},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Answer answer = parse_bytewise(c.bytes);
    CHECK(answer.parse.status == Status::kMalformed);
    CHECK(answer.parse.detail != ""s);
    CHECK(answer.bytes_needed <= kMaxClientHelloBytes);
    CHECK(parse_client_hello(c.bytes).status == Status::kMalformed);
  }
}

}  // namespace
}  // namespace reseal::tls
