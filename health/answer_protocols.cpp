#include "health/answer_protocols.h"

#include <fmt/format.h>

#include "lb/base/log.h"

namespace reseal::health {
namespace {

using config::CheckStatus;
using Outcome = Judgement::Outcome;

constexpr std::size_t kMysqlHeader = 4;  // three bytes of length, one of order
constexpr unsigned char kMysqlError = 0xff;

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

Judgement not_understood(std::string info, const char* what) {
  return {Outcome::kFailed, CheckStatus::kL7Response, std::nullopt, std::move(info), what};
}

Judgement answered(std::string info) {
  return {Outcome::kPassed, CheckStatus::kL7Ok, 0, std::move(info), "answered"};
}

Judgement refused(int code, std::string info) {
  std::string reason = fmt::format("refused with code {}: {}", code, info);
  return {Outcome::kFailed, CheckStatus::kL7Status, code, std::move(info), std::move(reason)};
}

std::string text_from(std::string_view bytes, std::size_t from) {
  constexpr std::size_t kMostShown = 256;
  if (from >= bytes.size()) return "";
  bytes.remove_prefix(from);
  return escaped(bytes.substr(0, std::min(bytes.find('\0'), kMostShown)));
}

// ---- LDAP: tag, length and value (X.690 8.1), as far as a BindResponse needs it

class DerReader {
 public:
  explicit DerReader(std::string_view bytes) : rest_(bytes) {}

  /// Enters the element if it has this tag; false if it has not, or its length makes no sense.
  bool enter(unsigned char tag) {
    constexpr unsigned char kLong = 0x80;
    if (rest_.size() < 2 || byte_at(rest_, 0) != tag) return false;
    const unsigned char length = byte_at(rest_, 1);
    // Of the long form only how many bytes the length has matters: what is inside is looked at, not where it ends.
    const std::size_t more = (length & kLong) != 0 ? length & 0x7fU : 0;
    if (more > sizeof(std::uint32_t) || rest_.size() < 2 + more) return false;
    rest_.remove_prefix(2 + more);
    return true;
  }
  /// The number in an element of one to four bytes.
  std::optional<int> number(unsigned char tag) {
    if (rest_.size() < 2 || byte_at(rest_, 0) != tag) return std::nullopt;
    const std::size_t length = byte_at(rest_, 1);
    if (length == 0 || length > sizeof(std::uint32_t) || rest_.size() < 2 + length) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < length; ++i) value = value << 8 | byte_at(rest_, 2 + i);
    rest_.remove_prefix(2 + length);
    return static_cast<int>(value & 0x7fffffffU);
  }

 private:
  std::string_view rest_;
};

}  // namespace

Judgement judge_mysql(const Answer& answer, bool is_greeting) {
  constexpr const char* kNoPacket = "what the server said is no packet of MySQL";
  const std::string_view bytes = answer.bytes;
  const auto incomplete = [&] { return answer.is_complete ? not_understood("", kNoPacket) : Judgement{}; };
  if (bytes.size() < kMysqlHeader) return incomplete();
  const std::size_t length =
      byte_at(bytes, 0) | std::size_t{byte_at(bytes, 1)} << 8 | std::size_t{byte_at(bytes, 2)} << 16;
  if (length == 0 || length + kMysqlHeader > kMostAnswer) return not_understood("", kNoPacket);
  if (bytes.size() < kMysqlHeader + length) return incomplete();
  const std::string_view packet = bytes.substr(kMysqlHeader, length);
  if (byte_at(packet, 0) == kMysqlError) {
    if (packet.size() < 3) return not_understood("", kNoPacket);
    return refused(byte_at(packet, 1) | byte_at(packet, 2) << 8, text_from(packet, 3));
  }
  return answered(is_greeting ? text_from(packet, 1) : "");
}

Judgement judge_ldap(const Answer& answer) {
  constexpr std::size_t kLeast = 14;
  constexpr unsigned char kSequence = 0x30, kInteger = 0x02, kBindResponse = 0x61, kEnumerated = 0x0a;
  if (answer.bytes.size() < kLeast && !answer.is_complete) return {};
  DerReader reader(answer.bytes);
  const bool is_bind = reader.enter(kSequence) && reader.number(kInteger) == 1 && reader.enter(kBindResponse);
  const auto code = is_bind ? reader.number(kEnumerated) : std::nullopt;
  if (!code)
    return not_understood("Not LDAPv3 protocol", "what the server said is no answer of LDAP version 3");
  if (*code == 0) return answered("Success");
  return refused(*code, "See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9");
}

}  // namespace reseal::health
