#include "lb/stats/log_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reseal::stats {
namespace {

constexpr std::string_view kRequestHeader = "request_header:";
constexpr std::string_view kResponseHeader = "response_header:";
constexpr std::size_t kLongestName = 64;

std::unexpected<LogFormatError> wrong(std::string message) {
  return std::unexpected(LogFormatError{std::move(message), {}});
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

std::expected<LogFormat, LogFormatError> LogFormat::compile(std::string_view text) {
  if (text == "json") return json();
  if (text == "httplog") return LogFormat(*HaproxyFormat::compile(kHttplog, nullptr));
  if (text == "tcplog") return LogFormat(*HaproxyFormat::compile(kTcplog, nullptr));
  LogFormat format(Kind::kOwn);
  std::string literal;
  bool has_field = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return wrong("it holds a control character");
    if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
      literal.push_back(c);
      ++at;
    } else if (c == '}') {
      return wrong(fmt::format("the '}}' at character {} closes nothing; write '}}}}' for a brace", at + 1));
    } else if (c != '{') {
      literal.push_back(c);
    } else {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) {
        return wrong(fmt::format("the '{{' at character {} is not closed; write '{{{{' for a brace", at + 1));
      }
      format.add_literal(std::exchange(literal, {}));
      const auto added = format.add_field(text.substr(at + 1, end - at - 1));
      if (!added) return std::unexpected(added.error());
      has_field = true;
      at = end;
    }
  }
  format.add_literal(literal);
  if (!has_field) return wrong("it names no field; accepted: json, httplog, tcplog, or a text with {fields}");
  if (const std::size_t most = format.most_bytes(); most > kMostLine) {
    return wrong(fmt::format("its lines could be {} bytes long; accepted: formats whose lines stay within {}",
                             most, kMostLine));
  }
  return format;
}

LogFormat LogFormat::json() {
  LogFormat format(Kind::kJson);
  for (const LogField& field : log_fields()) {
    if (!field.in_json) continue;
    const char* quote = field.kind == LogField::Kind::kText ? "\"" : "";
    Piece& piece = format.pieces_.emplace_back();
    piece.kind = Piece::Kind::kField;
    piece.field = &field;
    const auto lead = fmt::format_to_n(piece.lead.data(), piece.lead.size(), ",\"{}\":{}", field.name, quote);
    piece.lead_size = std::min(lead.size, piece.lead.size());  // a test reads every field back
  }
  return format;
}

void LogFormat::add_literal(std::string_view text) {
  if (!text.empty()) pieces_.push_back({.kind = Piece::Kind::kLiteral, .text = std::string(text)});
}

std::expected<void, LogFormatError> LogFormat::add_field(std::string_view name) {
  for (const auto& [prefix, kind] : {std::pair(kRequestHeader, Piece::Kind::kRequestHeader),
                                     std::pair(kResponseHeader, Piece::Kind::kResponseHeader)}) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view header = name.substr(prefix.size());
    if (!is_header_name(header)) {
      return wrong(fmt::format("'{}' is no name of a header field", header.substr(0, kLongestName)));
    }
    pieces_.push_back({.kind = kind, .text = std::string(header)});
    return {};
  }
  const LogField* field = find_log_field(name);
  if (field == nullptr) {
    const std::string shown(name.substr(0, kLongestName));
    return std::unexpected(LogFormatError{fmt::format("there is no field '{}'", shown), shown});
  }
  pieces_.push_back({.kind = Piece::Kind::kField, .text = {}, .field = field});
  return {};
}

std::size_t LogFormat::most_bytes() const {
  std::size_t most = 1;  // the line feed
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::kLiteral:
        most += piece.text.size();
        break;
      case Piece::Kind::kField:
        most += piece.field->most;
        break;
      case Piece::Kind::kRequestHeader:
      case Piece::Kind::kResponseHeader:
        most += kMostHeaderField;
        break;
    }
  }
  return most;
}

void LogFormat::write_json(const AccessRecord& record, LogLine& line) const {
  const std::size_t begin = line.size();
  for (const Piece& piece : pieces_) {
    const std::size_t before = line.size();
    line.lead(piece.lead, piece.lead_size);
    if (!piece.field->write(record, line)) {
      line.cut(before);
    } else if (piece.field->kind == LogField::Kind::kText) {
      line.put('"');
    }
  }
  line.put_at(begin, '{');  // in place of the first field's comma
  line.put('}');
}

void LogFormat::write_own(const AccessRecord& record, LogLine& line) const {
  for (const Piece& piece : pieces_) {
    if (piece.kind == Piece::Kind::kLiteral) {
      line.raw(piece.text);
    } else if (piece.kind == Piece::Kind::kField) {
      if (!piece.field->write(record, line)) line.put('-');
    } else {
      const std::string_view value = piece.kind == Piece::Kind::kRequestHeader
                                         ? record.request_field(piece.text)
                                         : record.response_field(piece.text);
      value.empty() ? line.put('-') : line.escaped(value, kMostHeaderField);
    }
  }
}

void LogFormat::write(const AccessRecord& record, LogLine& line) const {
  switch (kind_) {
    case Kind::kJson:
      return write_json(record, line);
    case Kind::kHaproxy:
      return haproxy_->write(record, line);
    case Kind::kOwn:
      return write_own(record, line);
  }
}

}  // namespace reseal::stats
