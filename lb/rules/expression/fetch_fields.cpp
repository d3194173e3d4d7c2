// Fetches of header fields, of requests and of responses.
#include "lb/base/text.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/field_walk.h"

namespace reseal::rules::expression {
namespace {

enum class Side : std::uint8_t { kRequest, kResponse, kEither };

template <Side kSide>
const http::MessageHead* head_of(const SampleContext& context) {
  const bool response =
      kSide == Side::kResponse || (kSide == Side::kEither && context.phase == Phase::kResponse);
  if (response) return context.response;
  return context.request;
}

/// The value at a position: from 1 on, or from the end with -1, -2...
bool value_at(FieldWalk walk, std::int64_t position, std::string_view& value) {
  if (position == -1) {
    bool found = false;
    while (walk.next(value)) found = true;
    return found;
  }
  if (position < 0) {
    std::int64_t count = 0;
    for (FieldWalk counting = walk; counting.next(value);) ++count;
    position += count + 1;
  }
  if (position <= 0) return false;
  bool found = false;
  for (std::int64_t i = 0; i < position; ++i) {
    found = walk.next(value);
    if (!found) return false;
  }
  return found;
}

template <Side kSide, bool kSplit>
bool fetch_value(const Call& call, Sample& out) {
  const http::MessageHead* head = head_of<kSide>(call.context);
  if (head == nullptr) return false;
  const std::string_view name = call.argument(0).text;
  std::int64_t position = call.argument(1).integer;
  std::string_view value;
  if (position == 0 && call.cursor != nullptr) {
    FieldWalk walk(*head, name, kSplit, call.cursor->item, call.cursor->offset);
    if (!walk.next(value)) return false;
    call.cursor->item = walk.item();
    call.cursor->offset = walk.offset();
    call.cursor->more = true;
  } else if (!value_at(FieldWalk(*head, name, kSplit), position == 0 ? -1 : position, value)) {
    return false;
  }
  out = Sample::string(value);
  return true;
}

template <Side kSide, bool kSplit>
bool fetch_count(const Call& call, Sample& out) {
  const http::MessageHead* head = head_of<kSide>(call.context);
  if (head == nullptr) return false;
  FieldWalk walk(*head, call.argument(0).text, kSplit);
  std::int64_t count = 0;
  for (std::string_view value; walk.next(value);) ++count;
  out = Sample::number(count);
  return true;
}

template <Side kSide>
bool fetch_number(const Call& call, Sample& out) {
  if (!fetch_value<kSide, true>(call, out)) return false;
  std::string_view text = out.text;
  out = Sample::number(take_integer(text));
  return true;
}

/// "192.0.2.1", "192.0.2.1:80", "2001:db8::1"
std::optional<Sample> address_in(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find('.') < colon) {
    const auto port = parse_decimal(text.substr(colon + 1));
    if (!port || *port > 65535) return std::nullopt;
    text = text.substr(0, colon);
  }
  return parse_address(text);
}

template <Side kSide>
bool fetch_ip(const Call& call, Sample& out) {
  do {
    if (!fetch_value<kSide, true>(call, out)) return false;
    if (const auto address = address_in(out.text)) {
      out = *address;
      return true;
    }
  } while (call.cursor != nullptr && call.cursor->more);
  return false;
}

template <Side kSide>
bool fetch_names(const Call& call, Sample& out) {
  const http::MessageHead* head = head_of<kSide>(call.context);
  if (head == nullptr) return false;
  const char delimiter = call.argument(0).text.empty() ? ',' : call.argument(0).text.front();
  std::size_t size = 0;
  for (const http::Field& field : head->fields) size += is_visible(field) ? field.name.size() + 1 : 0;
  if (size == 0 || size > Sample::kMostText) return false;
  char* text = call.arena.allocate(size);
  char* at = text;
  for (const http::Field& field : head->fields) {
    if (!is_visible(field)) continue;
    for (const char c : field.name) *at++ = ascii_lower(c);
    *at++ = delimiter;
  }
  out = Sample::string({text, size - 1});
  return true;
}

constexpr Side kReq = Side::kRequest;
constexpr Side kRes = Side::kResponse;

constexpr FetchRow kRows[] = {
    {"hdr", "?si", Type::kString, kNeedsNothing, fetch_value<Side::kEither, true>},
    {"hdr_cnt", "?s", Type::kInteger, kNeedsRequestHead, fetch_count<kReq, true>},
    {"hdr_ip", "?si", Type::kAddress, kNeedsRequestHead, fetch_ip<kReq>},
    {"hdr_val", "?si", Type::kInteger, kNeedsRequestHead, fetch_number<kReq>},
    {"req.fhdr", "?si", Type::kString, kNeedsRequestHead, fetch_value<kReq, false>},
    {"req.fhdr_cnt", "?s", Type::kInteger, kNeedsRequestHead, fetch_count<kReq, false>},
    {"req.hdr", "?si", Type::kString, kNeedsRequestHead, fetch_value<kReq, true>},
    {"req.hdr_cnt", "?s", Type::kInteger, kNeedsRequestHead, fetch_count<kReq, true>},
    {"req.hdr_ip", "?si", Type::kAddress, kNeedsRequestHead, fetch_ip<kReq>},
    {"req.hdr_names", "?s", Type::kString, kNeedsRequestHead, fetch_names<kReq>},
    {"req.hdr_val", "?si", Type::kInteger, kNeedsRequestHead, fetch_number<kReq>},
    {"res.fhdr", "?si", Type::kString, kNeedsResponse, fetch_value<kRes, false>},
    {"res.fhdr_cnt", "?s", Type::kInteger, kNeedsResponse, fetch_count<kRes, false>},
    {"res.hdr", "?si", Type::kString, kNeedsResponse, fetch_value<kRes, true>},
    {"res.hdr_cnt", "?s", Type::kInteger, kNeedsResponse, fetch_count<kRes, true>},
    {"res.hdr_ip", "?si", Type::kAddress, kNeedsResponse, fetch_ip<kRes>},
    {"res.hdr_names", "?s", Type::kString, kNeedsResponse, fetch_names<kRes>},
    {"res.hdr_val", "?si", Type::kInteger, kNeedsResponse, fetch_number<kRes>},
    {"shdr", "?si", Type::kString, kNeedsResponse, fetch_value<kRes, true>},
    {"shdr_cnt", "?s", Type::kInteger, kNeedsResponse, fetch_count<kRes, true>},
    {"shdr_ip", "?si", Type::kAddress, kNeedsResponse, fetch_ip<kRes>},
    {"shdr_val", "?si", Type::kInteger, kNeedsResponse, fetch_number<kRes>},
};

}  // namespace

std::span<const FetchRow> field_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
