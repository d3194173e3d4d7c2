#include "lb/net/proxy_protocol.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace reseal::net {
namespace {

using namespace std::string_literals;
using Status = ProxyParse::Status;
using Kind = ProxyHeader::Kind;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kIpv4Block = "\x0a\0\0\x01\xc0\0\2\x07\x30\x39\x01\xbb"s;
const std::string kIpv4Text = "10.0.0.1:12345 192.0.2.7:443";

std::string length16(std::size_t length) {
  return {static_cast<char>(length >> 8), static_cast<char>(length & 0xff)};
}
std::string v2(char command, char family, const std::string& block) {
  return kSignature + command + family + length16(block.size()) + block;
}
std::string tlv(int type, const std::string& value) {
  return static_cast<char>(type) + length16(value.size()) + value;
}
std::string tcp4(const std::string& tlvs) {
  return v2('\x21', '\x11', kIpv4Block + tlvs);
}

/// What a header says, in one line.
std::string text(const ProxyHeader& header) {
  if (header.kind == Kind::kLocal) return "local";
  if (header.kind == Kind::kUnknown) return "unknown";
  std::string out = header.source.text() + " " + header.destination.text();
  if (!header.authority.empty()) out += " authority=" + std::string(header.authority);
  if (!header.alpn.empty()) out += " alpn=" + std::string(header.alpn);
  if (!header.unique_id.empty()) out += " id=" + std::string(header.unique_id);
  if (header.tls.used) out += " tls";
  if (header.tls.certificate_sent) out += header.tls.certificate_verified ? " verified" : " unverified";
  if (!header.tls.version.empty()) out += " " + std::string(header.tls.version);
  if (!header.tls.common_name.empty()) out += " cn=" + std::string(header.tls.common_name);
  return out;
}

/// Asks with one byte more each time, each a copy of its own, until there is an answer.
struct Answer {
  ProxyParse parse;
  std::string text;
  std::size_t bytes_needed = 0;
};
Answer parse_bytewise(const std::string& bytes) {
  Answer answer;
  for (std::size_t size = 0; size <= bytes.size() && answer.parse.status == Status::kNeedMore; ++size) {
    const std::vector<char> copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    answer.parse = parse_proxy_header({copy.data(), copy.size()});
    answer.bytes_needed = size;
    if (answer.parse.status == Status::kComplete) answer.text = text(answer.parse.header);
  }
  return answer;
}

TEST_CASE("a PROXY header is read whole, however it comes, and not one byte further") {
  struct Case {
    const char* name;
    std::string bytes;
    std::string expected;
  };
  const std::string unix_block(216, 'x');
  const std::string tls =
      "\x07\0\0\0\0"s + tlv(0x21, "TLSv1.3") + tlv(0x22, "Alice Example") + tlv(0x23, "X");
  const Case cases[] = {
      {"TCP4", "PROXY TCP4 10.0.0.1 192.0.2.7 12345 443\r\n", kIpv4Text},
      {"TCP4, longest", "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
       "255.255.255.255:65535 255.255.255.255:65535"},
      {"TCP4, port 0", "PROXY TCP4 10.0.0.1 192.0.2.7 0 0\r\n", "10.0.0.1:0 192.0.2.7:0"},
      {"TCP6", "PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "[2001:db8::1]:1 [::1]:2"},
      {"TCP6, longest",
       "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
       "65535\r\n",
       "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
      {"TCP6, mapped", "PROXY TCP6 ::ffff:10.0.0.1 ::ffff:192.0.2.7 1 2\r\n",
       "[::ffff:10.0.0.1]:1 [::ffff:192.0.2.7]:2"},
      {"UNKNOWN", "PROXY UNKNOWN\r\n", "unknown"},
      {"UNKNOWN with more", "PROXY UNKNOWN ffff::1 whatever \xff 70000\r\n", "unknown"},
      {"UNKNOWN, 107 bytes", "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", "unknown"},
      {"v2 TCP4", tcp4(""), kIpv4Text},
      {"v2 TCP6",
       v2('\x21', '\x21',
          "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\1" + std::string(15, '\0') + "\1\0\1\0\2"s),
       "[2001:db8::1]:1 [::1]:2"},
      {"v2 LOCAL", v2('\x20', '\0', ""), "local"},
      {"v2 LOCAL discards what it carries", v2('\x20', '\xff', "not even TLVs"), "local"},
      {"v2 unspecified", v2('\x21', '\0', ""), "unknown"},
      {"v2 unspecified ignores what it carries", v2('\x21', '\x01', "abc"), "unknown"},
      {"v2 unspecified transport", v2('\x21', '\x10', kIpv4Block), "unknown"},
      {"v2 datagram", v2('\x21', '\x12', kIpv4Block), "unknown"},
      {"v2 Unix", v2('\x21', '\x31', unix_block), "unknown"},
      {"v2 Unix with a TLV", v2('\x21', '\x31', unix_block + tlv(2, "a.example")), "unknown"},
      {"authority", tcp4(tlv(2, "a.example")), kIpv4Text + " authority=a.example"},
      {"ALPN", tcp4(tlv(1, "h2")), kIpv4Text + " alpn=h2"},
      {"unique id", tcp4(tlv(5, std::string(128, 'i'))), kIpv4Text + " id=" + std::string(128, 'i')},
      {"unknown TLVs are passed over, however often",
       tcp4(tlv(0xe0, "a") + tlv(0xe0, "") + tlv(4, "padding") + tlv(4, "") + tlv(2, "b")),
       kIpv4Text + " authority=b"},
      {"TLS with a certificate", tcp4(tlv(0x20, tls)), kIpv4Text + " tls verified TLSv1.3 cn=Alice Example"},
      {"a certificate that was refused", tcp4(tlv(0x20, "\x03\0\0\0\1"s)), kIpv4Text + " tls unverified"},
      {"verify says nothing without a certificate", tcp4(tlv(0x20, "\x01\0\0\0\0"s)), kIpv4Text + " tls"},
      {"longest", tcp4(tlv(4, std::string(4096 - 16 - 12 - 3, 'x'))), kIpv4Text},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Answer answer = parse_bytewise(c.bytes + "GET / HTTP/1.1\r\n\r\n");
    CHECK(answer.parse.detail == ""s);
    CHECK(answer.text == c.expected);
    CHECK(answer.parse.consumed == c.bytes.size());
    CHECK(answer.bytes_needed == c.bytes.size());
    CHECK(text(parse_proxy_header(c.bytes + "PROXY TCP4 6.6.6.6 6.6.6.6 6 6\r\n").header) == c.expected);
  }
}

TEST_CASE("a CRC32c that covers the header is believed, any other ends the connection") {
  // Computed by another implementation over the header with four zeros for the sum.
  const std::string sum = "\x1f\x6d\x72\xbc"s;
  const auto header = [](const std::string& value) { return tcp4(tlv(2, "a.example") + tlv(3, value)); };
  CHECK(text(parse_proxy_header(header(sum)).header) == kIpv4Text + " authority=a.example");
  for (std::size_t bit = 0; bit < 32; ++bit) {
    std::string wrong = sum;
    wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ (1 << bit % 8));
    CHECK(parse_proxy_header(header(wrong)).status == Status::kMalformed);
  }
  std::string changed = header(sum);
  changed[16] = '\x0b';
  CHECK(parse_proxy_header(changed).status == Status::kMalformed);
  for (const std::string& value : {""s, sum.substr(1), sum + "\0"s}) {
    CHECK(parse_proxy_header(header(value)).status == Status::kMalformed);
  }
}

TEST_CASE("what breaks the grammar of version 1 is refused") {
  const std::string tails[] = {
      "TCP4  10.0.0.1 192.0.2.7 1 2\r\n",           // two spaces
      "TCP4 10.0.0.1  192.0.2.7 1 2\r\n",           //
      " TCP4 10.0.0.1 192.0.2.7 1 2\r\n",           //
      "TCP4 10.0.0.1 192.0.2.7 1 2 \r\n",           //
      "TCP4 10.0.0.1 192.0.2.7 1 2 3\r\n",          // a field too many
      "TCP4\t10.0.0.1 192.0.2.7 1 2\r\n",           // a tab for a space
      "TCP4 10.0.0.1 192.0.2.7 1\r\n",              // a field too few
      "TCP4 10.0.0.1 192.0.2.7\r\n",                //
      "TCP4\r\n",                                   //
      "\r\n",                                       //
      "TCP4 10.0.0.01 192.0.2.7 1 2\r\n",           // leading zeros
      "TCP4 10.0.0.1 192.0.2.7 01 2\r\n",           //
      "TCP4 10.0.0.1 192.0.2.7 1 00\r\n",           //
      "TCP4 10.0.0.256 192.0.2.7 1 2\r\n",          // no address
      "TCP4 10.0.0 192.0.2.7 1 2\r\n",              //
      "TCP4 0x0a.0.0.1 192.0.2.7 1 2\r\n",          //
      "TCP4 10.0.0.1:5 192.0.2.7 1 2\r\n",          //
      "TCP4 localhost 192.0.2.7 1 2\r\n",           //
      "TCP4 10.0.0.1 ::1 1 2\r\n",                  // of the other family
      "TCP4 ::1 10.0.0.1 1 2\r\n",                  //
      "TCP6 10.0.0.1 10.0.0.1 1 2\r\n",             //
      "TCP6 ::1%lo ::1 1 2\r\n",                    // a zone
      "TCP6 [::1] ::1 1 2\r\n",                     // brackets
      "TCP6 1::2::3 ::1 1 2\r\n",                   //
      "TCP6 12345::1 ::1 1 2\r\n",                  //
      "TCP4 10.0.0.1 192.0.2.7 65536 2\r\n",        // no port
      "TCP4 10.0.0.1 192.0.2.7 1 -2\r\n",           //
      "TCP4 10.0.0.1 192.0.2.7 +1 2\r\n",           //
      "TCP4 10.0.0.1 192.0.2.7 1 99999999999\r\n",  //
      "TCP4 10.0.0.1 192.0.2.7 1 2\n",              // line ends
      "TCP4 10.0.0.1 192.0.2.7 1 2\r\r\n",          //
      "TCP4 10.0.0.1 192.0.2.7 1 2\rGET",           //
      "UNKNOWN\n",                                  //
      "UNKNOWN a\rb\r\n",                           //
      "UNKNOWN \0\r\n"s,                            //
      "TCP4 10.0.0.1\0 192.0.2.7 1 2\r\n"s,         // a NUL that would end a C string
      "tcp4 10.0.0.1 192.0.2.7 1 2\r\n",            // words of other spellings
      "UDP4 10.0.0.1 192.0.2.7 1 2\r\n",            //
      "UNKNOWNS\r\n",                               //
      "UNIX /a /b\r\n",                             //
      "UNKNOWN " + std::string(92, 'x') + "\r\n",   // 108 bytes
      std::string(200, 'x'),
  };
  for (const std::string& tail : tails) {
    INFO(tail);
    const Answer answer = parse_bytewise("PROXY " + tail);
    CHECK(answer.parse.status == Status::kMalformed);
    CHECK(answer.parse.detail != ""s);
    CHECK(answer.bytes_needed <= kMaxProxyLineBytes);
    CHECK(parse_proxy_header("PROXY " + tail).status == Status::kMalformed);
  }
}

TEST_CASE("what is no PROXY header is refused at the byte that shows it") {
  struct Case {
    std::string bytes;
    std::size_t shown_by;
  };
  const Case cases[] = {{"GET / HTTP/1.1\r\n\r\n", 1},
                        {"\x16\x03\x01", 1},
                        {"proxy TCP4 ", 1},
                        {"PROXIED", 5},
                        {"PROXY\r\n", 6},
                        {"\r\n\r\nGET", 5},
                        {"\r\n\r\n\0\r\nQUIT\r"s, 12},
                        {kSignature + "\x11"s, 13},
                        {kSignature + "\x31"s, 13},
                        {kSignature + "\x22"s, 13},
                        {kSignature + "\x2f"s, 13}};
  for (const Case& c : cases) {
    INFO(c.bytes);
    const Answer answer = parse_bytewise(c.bytes);
    CHECK(answer.parse.status == Status::kMalformed);
    CHECK(answer.bytes_needed == c.shown_by);
  }
}

TEST_CASE("what breaks the rules of version 2 is refused") {
  struct Case {
    const char* name;
    std::string bytes;
  };
  const std::string tls_head = "\x01\0\0\0\0"s;
  const Case cases[] = {
      {"an unknown family", v2('\x21', '\x41', kIpv4Block)},
      {"an unknown transport", v2('\x21', '\x13', kIpv4Block)},
      {"TCP4 without addresses", v2('\x21', '\x11', "")},
      {"TCP4 a byte short", v2('\x21', '\x11', kIpv4Block.substr(1))},
      {"TCP6 with the addresses of TCP4", v2('\x21', '\x21', kIpv4Block)},
      {"TCP6 a byte short", v2('\x21', '\x21', std::string(35, 'x'))},
      {"Unix a byte short", v2('\x21', '\x31', std::string(215, 'x'))},
      {"a datagram's addresses short", v2('\x21', '\x12', kIpv4Block.substr(1))},
      {"over the limit", kSignature + "\x21\x11"s + length16(4096 - 16 + 1)},
      {"LOCAL over the limit", kSignature + "\x20\0\xff\xff"s},
      {"a byte behind the addresses", tcp4("x")},
      {"two bytes behind the addresses", tcp4("xx")},
      {"a TLV one byte longer than the header", tcp4("\x02\0\x02x"s)},
      {"a TLV of 65535 bytes", tcp4("\x02\xff\xff"s + "xxx")},
      {"a byte behind a TLV", tcp4(tlv(2, "a") + "x")},
      {"an unknown TLV that overruns", tcp4("\xe0\0\x02x"s)},
      {"a Unix TLV that overruns", v2('\x21', '\x31', std::string(216, 'x') + "\x02\0\x02x"s)},
      {"two authorities", tcp4(tlv(2, "a") + tlv(2, "b"))},
      {"two ALPNs", tcp4(tlv(1, "a") + tlv(1, "a"))},
      {"two ids", tcp4(tlv(5, "a") + tlv(5, "a"))},
      {"two of TLS", tcp4(tlv(0x20, tls_head) + tlv(0x20, tls_head))},
      {"an authority too long", tcp4(tlv(2, std::string(256, 'a')))},
      {"an authority with a line end", tcp4(tlv(2, "a\r\nX: y"))},
      {"an authority with a NUL", tcp4(tlv(2, "a\0b"s))},
      {"an authority with a blank", tcp4(tlv(2, "a b"))},
      {"an ALPN too long", tcp4(tlv(1, std::string(256, 'a')))},
      {"an id too long", tcp4(tlv(5, std::string(129, 'a')))},
      {"TLS too short", tcp4(tlv(0x20, "\x01\0\0\0"s))},
      {"TLS whose own TLV overruns", tcp4(tlv(0x20, tls_head + "\x22\0\x02x"s))},
      {"TLS whose own TLV would reach into the next",
       tcp4(tlv(0x20, tls_head + "\x22\0\x04x"s) + tlv(4, "xx"))},
      {"a byte behind TLS's own TLV", tcp4(tlv(0x20, tls_head + tlv(0x22, "a") + "x"))},
      {"two common names", tcp4(tlv(0x20, tls_head + tlv(0x22, "a") + tlv(0x22, "b")))},
      {"a common name with a line end", tcp4(tlv(0x20, tls_head + tlv(0x22, "a\nb")))},
      {"a common name too long", tcp4(tlv(0x20, tls_head + tlv(0x22, std::string(256, 'a'))))},
      {"two TLS versions", tcp4(tlv(0x20, tls_head + tlv(0x21, "a") + tlv(0x21, "a")))},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Answer answer = parse_bytewise(c.bytes);
    CHECK(answer.parse.status == Status::kMalformed);
    CHECK(answer.parse.detail != ""s);
    // What follows the header changes nothing.
    if (answer.bytes_needed == c.bytes.size()) {
      CHECK(parse_proxy_header(c.bytes + std::string(300, 'x')).detail == std::string(answer.parse.detail));
    }
  }
}

TEST_CASE("a header is written as both versions say it") {
  ProxyHeader header;
  header.kind = Kind::kProxied;
  header.source = *Address::parse("10.0.0.1", 12345);
  header.destination = *Address::parse("192.0.2.7", 443);
  CHECK(write_proxy_header(header, ProxyVersion::kV1) == "PROXY TCP4 10.0.0.1 192.0.2.7 12345 443\r\n");
  CHECK(write_proxy_header(header, ProxyVersion::kV2) == tcp4(""));

  header.destination = *Address::parse("::1", 443);
  CHECK(write_proxy_header(header, ProxyVersion::kV1) == "PROXY TCP6 ::ffff:10.0.0.1 ::1 12345 443\r\n");
  CHECK(text(parse_proxy_header(write_proxy_header(header, ProxyVersion::kV2)).header) ==
        "[::ffff:10.0.0.1]:12345 [::1]:443");

  header.source = *Address::parse("::ffff:10.0.0.1", 12345);
  header.destination = *Address::parse("::ffff:192.0.2.7", 443);
  CHECK(write_proxy_header(header, ProxyVersion::kV1) == "PROXY TCP4 10.0.0.1 192.0.2.7 12345 443\r\n");
  CHECK(write_proxy_header(header, ProxyVersion::kV2) == tcp4(""));

  header.kind = Kind::kLocal;
  CHECK(write_proxy_header(header, ProxyVersion::kV1) == "PROXY UNKNOWN\r\n");
  CHECK(write_proxy_header(header, ProxyVersion::kV2) == v2('\x20', '\0', ""));
  CHECK(write_proxy_header({}, ProxyVersion::kV1) == "PROXY UNKNOWN\r\n");
  CHECK(write_proxy_header({}, ProxyVersion::kV2) == v2('\x21', '\0', ""));
  ProxyHeader nowhere;
  nowhere.kind = Kind::kProxied;
  CHECK(write_proxy_header(nowhere, ProxyVersion::kV1) == "PROXY UNKNOWN\r\n");
  CHECK(write_proxy_header(nowhere, ProxyVersion::kV2) == v2('\x21', '\0', ""));
}

TEST_CASE("version 2 carries what is known of the client, and leaves out what is too long") {
  ProxyHeader header;
  header.kind = Kind::kProxied;
  header.source = *Address::parse("10.0.0.1", 12345);
  header.destination = *Address::parse("192.0.2.7", 443);
  header.alpn = "h2";
  header.authority = "a.example";
  header.unique_id = "id-1";
  header.tls = {.used = true,
                .certificate_sent = true,
                .certificate_verified = true,
                .version = "TLSv1.3",
                .common_name = "alice"};
  const std::string tls = "\x07\0\0\0\0"s + tlv(0x21, "TLSv1.3") + tlv(0x22, "alice");
  CHECK(write_proxy_header(header, ProxyVersion::kV2) ==
        tcp4(tlv(1, "h2") + tlv(2, "a.example") + tlv(5, "id-1") + tlv(0x20, tls)));
  CHECK(write_proxy_header(header, ProxyVersion::kV1) == "PROXY TCP4 10.0.0.1 192.0.2.7 12345 443\r\n");

  header.tls.certificate_verified = false;
  CHECK(text(parse_proxy_header(write_proxy_header(header, ProxyVersion::kV2)).header) ==
        kIpv4Text + " authority=a.example alpn=h2 id=id-1 tls unverified TLSv1.3 cn=alice");

  const std::string name(256, 'a');
  header.authority = name;
  header.unique_id = std::string_view(name).substr(0, 129);
  header.tls.common_name = name;
  CHECK(text(parse_proxy_header(write_proxy_header(header, ProxyVersion::kV2)).header) ==
        kIpv4Text + " alpn=h2 tls unverified TLSv1.3");
}

}  // namespace
}  // namespace reseal::net
