// A log format in HAProxy's language: text, %variables (log_tags.h) and %[expressions], which are somebody else's to read and
// to evaluate. Compiled once; immutable; any thread.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/stats/log_tags.h"

namespace reseal::stats {

/// Where a format is wrong, in characters from its beginning.
struct HaproxyFormatError {
  std::string message;
  std::size_t at = 0;
};

/// What stands between %[ and ]. Immutable; any thread.
class LogExpression {
 public:
  virtual ~LogExpression() = default;
  /// Nothing where there is no value. The view is valid while the evaluation is.
  [[nodiscard]] virtual std::optional<std::string_view> text(const LogEvaluation& evaluation) const = 0;
};

class LogExpressionReader {
 public:
  /// Reads the expression that begins at `at`, which is then behind it.
  virtual std::expected<std::shared_ptr<const LogExpression>, HaproxyFormatError> read(std::string_view text,
                                                                                       std::size_t& at) = 0;

 protected:
  ~LogExpressionReader() = default;
};

// HAProxy's own formats.
inline constexpr std::string_view kHttplog =
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs "
    "%{+Q}r";
inline constexpr std::string_view kTcplog =
    "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq";
inline constexpr std::string_view kClflog =
    "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc "
    "%sc "
    "%rc %sq %bq %CC %CS %hrl %hsl";
inline constexpr std::string_view kHttpslog =
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs "
    "%{+Q}r "
    "%[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

class HaproxyFormat {
 public:
  static constexpr std::size_t kMostPieces = 512;

  /// `expressions`: null: there may be none.
  static std::expected<HaproxyFormat, HaproxyFormatError> compile(std::string_view text,
                                                                  LogExpressionReader* expressions);

  /// No line feed at the end, and no other control character: what peers send is escaped.
  void write(const AccessRecord& record, LogLine& line) const;
  /// LogNeeds of all its parts.
  [[nodiscard]] std::uint8_t needs() const { return needs_; }

 private:
  friend class HaproxyFormatParser;
  struct Piece {
    std::string literal;  // where it is neither of the two; " " alone is a separator
    const LogTag* tag = nullptr;
    std::shared_ptr<const LogExpression> expression;
    TagFlags flags;
  };
  std::vector<Piece> pieces_;
  std::uint8_t needs_ = kLogNeedsNothing;
};

}  // namespace reseal::stats
