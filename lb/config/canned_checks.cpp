#include "lb/config/canned_checks.h"

namespace reseal::config {
namespace {

CheckStep send(std::string bytes) {
  return {CheckSend{std::move(bytes)}, "", false};
}
CheckStep connect() {
  return {CheckConnect{}, "", false};
}
CheckStep expect(CheckExpect expectation) {
  return {std::move(expectation), "", false};
}

/// A number of `size` bytes, the last first.
std::string little_endian(std::size_t number, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}
std::string big_endian(std::size_t number, int size) {
  const std::string bytes = little_endian(number, size);
  return {bytes.rbegin(), bytes.rend()};
}

/// An answer of SMTP that must match; its code and text are told.
CheckExpect smtp_answer(const char* pattern, int least_bytes, CheckStatus error, int text_from) {
  CheckExpect answer;
  answer.kind = ExpectKind::kRegex;
  answer.pattern = pattern;
  answer.least_bytes = least_bytes;
  answer.error = error;
  answer.on_error.answer_from = text_from;
  if (error == CheckStatus::kL7Status) {
    answer.on_success.answer_from = text_from;
    answer.code_in_answer = true;
  }
  return answer;
}

}  // namespace

std::vector<CheckStep> smtp_check(const std::string& hello) {
  constexpr CheckStatus kBad = CheckStatus::kL7Status;
  return {connect(),
          expect(smtp_answer("^[0-9]{3}[ \r]", 4, CheckStatus::kL7Response, 0)),
          expect(smtp_answer("^2[0-9]{2}[ \r]", 4, kBad, 4)),
          send(hello + "\r\n"),
          expect(smtp_answer("^(2[0-9]{2}-[^\r]*\r\n)*2[0-9]{2}[ \r]", -1, kBad, 4)),
          send("QUIT\r\n"),
          expect(smtp_answer("^2[0-9]{2}[- \r]", 4, kBad, 4))};
}

std::vector<CheckStep> redis_check() {
  CheckExpect pong;
  pong.kind = ExpectKind::kPart;
  pong.pattern = "+PONG\r\n";
  pong.error = CheckStatus::kL7Status;
  pong.on_success.text = "Redis server is ok";
  pong.on_error.answer_from = 0;
  return {connect(), send("*1\r\n$4\r\nPING\r\n"), expect(pong)};
}

std::vector<CheckStep> mysql_check(const std::string& user, MysqlAuth auth) {
  CheckExpect greeting;
  greeting.kind = ExpectKind::kMysqlGreeting;
  std::vector<CheckStep> steps = {connect(), expect(greeting)};
  if (user.empty()) return steps;
  constexpr std::size_t kMostPacket = 0x01000000;
  constexpr char kUtf8 = 0x21;
  // Capabilities, the longest packet and, since 4.1, a character set and a reserve come before the user; no password.
  const std::string head =
      auth == MysqlAuth::kBefore41
          ? little_endian(0x8000, 2) + little_endian(kMostPacket >> 8, 3)
          : little_endian(0x8200, 4) + little_endian(kMostPacket | 0x8000, 4) + kUtf8 + std::string(23, '\0');
  const std::string login = head + user + '\0' + '\0';
  const std::string quit = little_endian(1, 3) + '\0' + '\x01';
  CheckExpect taken;
  taken.kind = ExpectKind::kMysqlOk;
  steps.push_back(send(little_endian(login.size(), 3) + '\x01' + login + quit));
  steps.push_back(expect(taken));
  return steps;
}

std::vector<CheckStep> postgres_check(const std::string& user) {
  const std::string startup = big_endian(0x00030000, 4) + std::string("user") + '\0' + user + '\0' + '\0';
  CheckExpect no_error;
  no_error.kind = ExpectKind::kRegex;
  no_error.negated = true;
  no_error.pattern = "^E";
  no_error.least_bytes = 5;
  no_error.on_error.answer_from = 6;
  CheckExpect authentication;
  authentication.kind = ExpectKind::kBinaryRegex;
  authentication.pattern = "^52000000[A-Z0-9]{2}000000(00|02|03|04|05|06|07|09|0A)";
  authentication.least_bytes = 9;
  authentication.error = CheckStatus::kL7Status;
  authentication.on_success.text = "PostgreSQL server is ok";
  authentication.on_error.text = "PostgreSQL unknown error";
  return {connect(), send(big_endian(startup.size() + 4, 4) + startup), expect(no_error),
          expect(authentication)};
}

std::vector<CheckStep> ldap_check() {
  // RFC 4511: message 1, BindRequest, version 3, no name, simple authentication without a password.
  constexpr char kBind[] = "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
  CheckExpect bound;
  bound.kind = ExpectKind::kLdapBind;
  bound.least_bytes = 14;
  return {connect(), send(std::string(kBind, sizeof kBind - 1)), expect(bound)};
}

std::vector<CheckStep> tls_hello_check() {
  constexpr std::size_t kRandomBytes = 32;
  constexpr std::size_t kSuites = 0x3a;
  std::string random = "reseal asks whether TLS is here";
  random.resize(kRandomBytes, '.');
  std::string suites;
  for (std::size_t suite = 1; suite <= kSuites; ++suite) suites += big_endian(suite, 2);
  const std::string body = big_endian(0x0300, 2) + random + '\0' + big_endian(suites.size(), 2) + suites +
                           big_endian(0x0100, 2);  // one way of compression: none
  const std::string hello = '\x01' + big_endian(body.size(), 3) + body;
  CheckExpect answer;
  answer.kind = ExpectKind::kBinaryRegex;
  answer.pattern = "^1[56]";
  answer.least_bytes = 5;
  answer.ok = CheckStatus::kL6Ok;
  answer.error = CheckStatus::kL6Response;
  answer.on_error.answer_from = CheckInfo::kNothing;
  answer.timeout = CheckStatus::kL6Timeout;
  return {connect(), send('\x16' + big_endian(0x0300, 2) + big_endian(hello.size(), 2) + hello),
          expect(answer)};
}

}  // namespace reseal::config
