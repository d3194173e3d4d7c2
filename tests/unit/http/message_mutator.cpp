#include "tests/unit/http/message_mutator.h"

#include <algorithm>
#include <string_view>

namespace reseal::http::test {
namespace {

using namespace std::string_view_literals;

/// What has been read differently by some parser or other.
constexpr std::string_view kPieces[] = {
    "\r"sv,
    "\n"sv,
    "\r\n"sv,
    "\r\n\r\n"sv,
    "\n\n"sv,
    "\0"sv,
    " "sv,
    "\t"sv,
    "\x0b"sv,
    "\x0c"sv,
    "\x7f"sv,
    "\x80"sv,
    "\x85"sv,
    "\xa0"sv,
    "\xff"sv,
    ":"sv,
    ";"sv,
    ","sv,
    "#"sv,
    "?"sv,
    "/"sv,
    "@"sv,
    "\""sv,
    "\\"sv,
    "*"sv,
    "%"sv,
    "_"sv,
    "+"sv,
    "-"sv,
    "0"sv,
    "9"sv,
    "f"sv,
    "x"sv,
    "0x"sv,
    "\r\n "sv,
    "\r\n\t"sv,
    "Content-Length: 3\r\n"sv,
    "Content-Length: 5\r\n"sv,
    "Content-Length:\r\n"sv,
    "Content-Length: 5, 5\r\n"sv,
    "Transfer-Encoding: chunked\r\n"sv,
    "Transfer-Encoding: identity\r\n"sv,
    "Transfer-Encoding: gzip, chunked\r\n"sv,
    "transfer-encoding:\tCHUNKED\r\n"sv,
    "Host: h\r\n"sv,
    "Connection: close\r\n"sv,
    "Connection: upgrade\r\nUpgrade: x\r\n"sv,
    "Expect: 100-continue\r\n"sv,
    ": v\r\n"sv,
    "A: b\r\n"sv,
    "http://h"sv,
    "HTTP/1.0"sv,
    "HTTP/1.1"sv,
    "HTTP/2.0"sv,
    ";a=b"sv,
    "\r\n0\r\n\r\n"sv,
};

}  // namespace

void MessageMutator::change(std::string& text) {
  const std::size_t at = place_in(text);
  const std::size_t length =
      std::min<std::size_t>(text.size() - at, 1 + random_.below(random_.below(4) == 0 ? 24 : 2));
  const std::string_view piece = kPieces[random_.below(std::size(kPieces))];
  switch (random_.below(7)) {
    case 0:
      text.insert(at, piece);
      return;
    case 1:
      text.replace(at, length, piece);
      return;
    case 2:
      text.erase(at, length);
      return;
    case 3:
      text.insert(at, text.substr(at, length));
      return;
    case 4: {  // a piece where a line begins, which is where fields are
      const std::size_t line = text.find("\r\n", at);
      if (line != std::string::npos) text.insert(line + 2, piece);
      return;
    }
    case 5:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random_.below(8)));
      return;
    default:
      if (at < text.size()) text[at] = static_cast<char>(random_.below(256));
      return;
  }
}

std::string MessageMutator::next() {
  std::string text = seeds_[random_.below(seeds_.size())];
  for (std::size_t changes = 1 + random_.below(4); changes != 0; --changes) change(text);
  return text;
}

}  // namespace reseal::http::test
