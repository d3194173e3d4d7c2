// What the tests of lb/http share: bytes fed in pieces, and heads and fields as text that a table can state.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lb/http/h1_parser.h"
#include "lb/http/h2_header_block.h"
#include "lb/http/message.h"

namespace reseal::http::test {

/// The sizes of the pieces that every protocol table is replayed in; the last one is "all at once".
inline constexpr std::size_t kPieces[] = {1, 2, 3, 4, 5, 6, 7, 8, 16, 31, std::size_t{1} << 30};

/// Calls `use` with `bytes` in pieces of at most `size`. Each piece is a copy of its own, so that a view kept
/// too long is found by the address sanitizer.
template <class Use>
void in_pieces(std::string_view bytes, std::size_t size, Use use) {
  while (!bytes.empty()) {
    const std::vector<char> piece(bytes.begin(),
                                  bytes.begin() + static_cast<std::ptrdiff_t>(std::min(size, bytes.size())));
    bytes.remove_prefix(piece.size());
    use(std::string_view(piece.data(), piece.size()));
  }
}

using List = std::vector<std::pair<std::string, std::string>>;

/// Fields as HTTP/2 brings them; views into `list`.
inline std::vector<RawField> raw(const List& list) {
  std::vector<RawField> fields;
  for (const auto& [name, value] : list) fields.push_back({name, value});
  return fields;
}

/// "name=value;name=value;" of the fields that are not dropped.
inline std::string fields_text(std::span<const Field> fields) {
  std::string text;
  for (const Field& field : fields) {
    if (!field.drop) text.append(field.name).append("=").append(field.value).append(";");
  }
  return text;
}

/// "none", "none(5)", "length 5", "chunked", "until close".
inline std::string framing_text(const Framing& framing) {
  switch (framing.kind) {
    case BodyKind::kNone:
      return framing.declared ? "none(" + std::to_string(framing.length) + ")" : "none";
    case BodyKind::kLength:
      return "length " + std::to_string(framing.length);
    case BodyKind::kChunked:
      return "chunked";
    case BodyKind::kUntilClose:
      return "until close";
    case BodyKind::kTunnel:
      return "tunnel";
  }
  return "?";
}

/// A head parsed from a copy in its own arena, as the sessions do it.
struct ParsedRequest {
  explicit ParsedRequest(std::string_view bytes, const HeadLimits& limits = {})
      : head(pool), result(parse_request_head(head.arena.copy(bytes), limits, head)) {}
  BufferPool pool;
  RequestHead head;
  Result<void> result;
};

struct ParsedResponse {
  explicit ParsedResponse(std::string_view bytes, Method request = Method::kGet,
                          const HeadLimits& limits = {})
      : head(pool), result(parse_response_head(head.arena.copy(bytes), limits, request, head)) {}
  BufferPool pool;
  ResponseHead head;
  Result<void> result;
};

/// The code of a result, kOk for success.
template <class T>
Code code_of(const Result<T>& result) {
  return result ? Code::kOk : result.error().code;
}

}  // namespace reseal::http::test
