// Fetches of cookies: of the requests' Cookie and the responses' Set-Cookie.
#include "lb/base/text.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/field_walk.h"

namespace reseal::rules::expression {
namespace {

enum class Side : std::uint8_t { kRequest, kResponse, kEither };

bool is_response(Side side, const SampleContext& context) {
  return side == Side::kResponse || (side == Side::kEither && context.phase == Phase::kResponse);
}

/// One cookie after the other, of every line.
class CookieWalk {
 public:
  CookieWalk(const http::MessageHead& head, bool response, std::uint32_t item, std::uint32_t offset)
      : head_(&head), response_(response), item_(item), offset_(offset) {}

  /// The next cookie of that name, or of any if it is empty; without '=' it is none.
  bool next(std::string_view name, std::string_view& value) {
    const std::string_view field_name = response_ ? "set-cookie" : "cookie";
    for (; item_ < head_->fields.size(); ++item_, offset_ = 0) {
      const http::Field& field = head_->fields[item_];
      if (!is_visible(field) || !equals_ignoring_case(field.name, field_name)) continue;
      while (offset_ < field.value.size()) {
        if (take(field.value, name, value)) return true;
      }
    }
    return false;
  }
  [[nodiscard]] std::uint32_t item() const { return item_; }
  [[nodiscard]] std::uint32_t offset() const { return offset_; }

 private:
  bool take(std::string_view text, std::string_view name, std::string_view& value) {
    std::size_t end = end_of_piece(text, offset_, ";,");
    const std::string_view piece = text.substr(offset_, end - offset_);
    // What follows the first ';' of a Set-Cookie says something of the cookie and is none.
    if (response_) end = end_of_piece(text, end, ",");
    offset_ = static_cast<std::uint32_t>(end + 1);
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos) return false;
    if (!name.empty() && trim_blanks(piece.substr(0, equals)) != name) return false;
    value = trim_blanks(piece.substr(equals + 1));
    return true;
  }
  /// The delimiter outside quotes that ends the piece at `at`, or the text's end. Fields are cut at commas, as everywhere.
  static std::size_t end_of_piece(std::string_view text, std::size_t at, std::string_view delimiters) {
    bool quoted = false;
    for (; at < text.size(); ++at) {
      if (quoted && text[at] == '\\') {
        ++at;
      } else if (text[at] == '"') {
        quoted = !quoted;
      } else if (!quoted && delimiters.find(text[at]) != std::string_view::npos) {
        break;
      }
    }
    return std::min(at, text.size());
  }

  const http::MessageHead* head_;
  bool response_;
  std::uint32_t item_;
  std::uint32_t offset_;
};

const http::MessageHead* head_of(Side side, const SampleContext& context) {
  if (is_response(side, context)) return context.response;
  return context.request;
}

template <Side kSide>
bool fetch_cookie(const Call& call, Sample& out) {
  const http::MessageHead* head = head_of(kSide, call.context);
  if (head == nullptr) return false;
  const std::string_view name = call.argument(0).text;
  const bool continued = call.cursor != nullptr;
  CookieWalk walk(*head, is_response(kSide, call.context), continued ? call.cursor->item : 0,
                  continued ? call.cursor->offset : 0);
  std::string_view value;
  if (!walk.next(name, value)) return false;
  if (continued) {
    call.cursor->item = walk.item();
    call.cursor->offset = walk.offset();
    call.cursor->more = true;
  } else if (!name.empty()) {
    // The last one of a name, but the first one of all.
    for (std::string_view later; walk.next(name, later);) value = later;
  }
  out = Sample::string(value);
  return true;
}

template <Side kSide>
bool fetch_cookie_count(const Call& call, Sample& out) {
  const http::MessageHead* head = head_of(kSide, call.context);
  if (head == nullptr) return false;
  CookieWalk walk(*head, is_response(kSide, call.context), 0, 0);
  std::int64_t count = 0;
  for (std::string_view value; walk.next(call.argument(0).text, value);) ++count;
  out = Sample::number(count);
  return true;
}

template <Side kSide>
bool fetch_cookie_number(const Call& call, Sample& out) {
  if (!fetch_cookie<kSide>(call, out)) return false;
  std::string_view text = out.text;
  out = Sample::number(take_integer(text));
  return true;
}

constexpr Side kReq = Side::kRequest;
constexpr Side kRes = Side::kResponse;

constexpr FetchRow kRows[] = {
    {"cook", "?s", Type::kString, kNeedsRequestHead, fetch_cookie<kReq>},
    {"cook_cnt", "?s", Type::kInteger, kNeedsRequestHead, fetch_cookie_count<kReq>},
    {"cook_val", "?s", Type::kInteger, kNeedsRequestHead, fetch_cookie_number<kReq>},
    {"cookie", "?s", Type::kString, kNeedsNothing, fetch_cookie<Side::kEither>},
    {"req.cook", "?s", Type::kString, kNeedsRequestHead, fetch_cookie<kReq>},
    {"req.cook_cnt", "?s", Type::kInteger, kNeedsRequestHead, fetch_cookie_count<kReq>},
    {"req.cook_val", "?s", Type::kInteger, kNeedsRequestHead, fetch_cookie_number<kReq>},
    {"res.cook", "?s", Type::kString, kNeedsResponse, fetch_cookie<kRes>},
    {"res.cook_cnt", "?s", Type::kInteger, kNeedsResponse, fetch_cookie_count<kRes>},
    {"res.cook_val", "?s", Type::kInteger, kNeedsResponse, fetch_cookie_number<kRes>},
    {"scook", "?s", Type::kString, kNeedsResponse, fetch_cookie<kRes>},
    {"scook_cnt", "?s", Type::kInteger, kNeedsResponse, fetch_cookie_count<kRes>},
    {"scook_val", "?s", Type::kInteger, kNeedsResponse, fetch_cookie_number<kRes>},
    {"set-cookie", "?s", Type::kString, kNeedsResponse, fetch_cookie<kRes>},
};

}  // namespace

std::span<const FetchRow> cookie_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
