// How an access log line looks: compiled once from its configuration, then applied to records. Immutable; shared
// by any thread.
#pragma once

#include <array>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lb/stats/haproxy_format.h"
#include "lb/stats/log_fields.h"

namespace reseal::stats {

/// What is wrong with a format string.
struct LogFormatError {
  std::string message;
  std::string unknown_field;  ///< the name that was not found; empty when something else is wrong
};

class LogFormat {
 public:
  /// The most bytes a line may take, with its line feed.
  static constexpr std::size_t kMostLine = 16 * 1024;

  /// `text` is one of the words json, httplog, tcplog, or a format of one's own: text with fields in braces,
  /// "{client_address} \"{method} {target}\" {status}"; also {request_header:NAME} and {response_header:NAME};
  /// "{{" and "}}" stand for braces.
  static std::expected<LogFormat, LogFormatError> compile(std::string_view text);

  /// A format in HAProxy's language.
  explicit LogFormat(HaproxyFormat format)
      : kind_(Kind::kHaproxy), haproxy_(std::make_shared<const HaproxyFormat>(std::move(format))) {}

  /// Writes the line without a line feed, and with no other control character: the bytes a peer can send are escaped.
  void write(const AccessRecord& record, LogLine& line) const;

  /// LogNeeds: what who fills a record may leave out otherwise.
  [[nodiscard]] std::uint8_t needs() const {
    return haproxy_ != nullptr ? haproxy_->needs() : std::uint8_t{kLogNeedsNothing};
  }

 private:
  enum class Kind : std::uint8_t { kJson, kHaproxy, kOwn };
  struct Piece {
    enum class Kind : std::uint8_t { kLiteral, kField, kRequestHeader, kResponseHeader } kind;
    std::string text;                         // the literal, or the header's name
    const LogField* field = nullptr;          // of the static table
    std::array<char, LogLine::kLead> lead{};  // with JSON: what stands before the value
    std::size_t lead_size = 0;
  };

  explicit LogFormat(Kind kind) : kind_(kind) {}
  static LogFormat json();
  void add_literal(std::string_view text);
  std::expected<void, LogFormatError> add_field(std::string_view name);
  [[nodiscard]] std::size_t most_bytes() const;
  void write_json(const AccessRecord& record, LogLine& line) const;
  void write_own(const AccessRecord& record, LogLine& line) const;

  Kind kind_;
  std::vector<Piece> pieces_;                     // with kJson and kOwn
  std::shared_ptr<const HaproxyFormat> haproxy_;  // with kHaproxy
};

}  // namespace reseal::stats
