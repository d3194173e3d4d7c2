// Fetches of all fields of a head at once: as text, and as agents of SPOE get them.
#include <algorithm>

#include "lb/base/text.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/field_walk.h"

namespace reseal::rules::expression {
namespace {

const http::MessageHead* request_of(const Call& call) {
  return call.context.request;
}
const http::MessageHead* response_of(const Call& call) {
  return call.context.response;
}

/// Writes into memory that was measured by one without any.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}
  void add(char c) {
    if (at_ != nullptr) *at_++ = c;
    ++size_;
  }
  void add(std::string_view text) {
    for (const char c : text) add(c);
  }
  void add_lowered(std::string_view text) {
    for (const char c : text) add(ascii_lower(c));
  }
  /// A length as HAProxy codes it: four bits more in the first byte, then seven in each.
  void add_length(std::uint64_t length) {
    constexpr std::uint64_t kInOneByte = 240;
    if (length < kInOneByte) {
      add(static_cast<char>(length));
      return;
    }
    add(static_cast<char>(length | kInOneByte));
    length = (length - kInOneByte) >> 4;
    for (; length >= 128; length = (length - 128) >> 7) add(static_cast<char>(length | 128));
    add(static_cast<char>(length));
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  char* at_;
  std::size_t size_ = 0;
};

void write_text(const http::MessageHead& head, Writer& writer) {
  for (const http::Field& field : head.fields) {
    if (!is_visible(field)) continue;
    writer.add_lowered(field.name);
    writer.add(": ");
    writer.add(field.value);
    writer.add("\r\n");
  }
  writer.add("\r\n");
}
void write_coded(const http::MessageHead& head, Writer& writer) {
  for (const http::Field& field : head.fields) {
    if (!is_visible(field)) continue;
    writer.add_length(field.name.size());
    writer.add_lowered(field.name);
    writer.add_length(field.value.size());
    writer.add(field.value);
  }
  writer.add_length(0);
  writer.add_length(0);
}

template <const http::MessageHead* (*kHead)(const Call&), void (*kWrite)(const http::MessageHead&, Writer&)>
bool fetch_all(const Call& call, Sample& out) {
  const http::MessageHead* head = kHead(call);
  if (head == nullptr) return false;
  Writer measured(nullptr);
  kWrite(*head, measured);
  if (measured.size() > Sample::kMostText) return false;
  char* text = call.arena.allocate(measured.size());
  Writer writer(text);
  kWrite(*head, writer);
  out = Sample::binary({text, writer.size()});
  return true;
}

constexpr FetchRow kRows[] = {
    {"req.hdrs", "", Type::kBinary, kNeedsRequestHead, fetch_all<request_of, write_text>},
    {"req.hdrs_bin", "", Type::kBinary, kNeedsRequestHead, fetch_all<request_of, write_coded>},
    {"res.hdrs", "", Type::kBinary, kNeedsResponse, fetch_all<response_of, write_text>},
    {"res.hdrs_bin", "", Type::kBinary, kNeedsResponse, fetch_all<response_of, write_coded>},
};

}  // namespace

std::span<const FetchRow> whole_head_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
