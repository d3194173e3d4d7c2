#include "lb/http/h1_writer.h"

#include <charconv>
#include <cstring>
#include <string>

#include "lb/base/text.h"

namespace reseal::http {
namespace {

constexpr std::size_t kLineOverhead = 4;  // ": " and CRLF
constexpr std::size_t kFramingOverhead =
    128;  // version, status, Connection, Content-Length or Transfer-Encoding

/// Writes into room that was reserved for all of it.
class Cursor {
 public:
  explicit Cursor(char* at) : begin_(at), at_(at) {}
  Cursor& operator<<(std::string_view text) {
    if (text.empty()) return *this;  // may have no data at all, which memcpy must not be given
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  void field(std::string_view name, std::string_view value) {
    // As most come in: the whole line is copied in one piece.
    const char* const between = name.data() + name.size();
    if (value.data() == between + 2 && between[0] == ':' && between[1] == ' ') {
      *this << std::string_view(name.data(), name.size() + 2 + value.size()) << "\r\n";
    } else {
      *this << name << ": " << value << "\r\n";
    }
  }
  [[nodiscard]] std::size_t written() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
};

std::size_t fields_size(std::span<const Field> fields) {
  std::size_t size = 0;
  for (const Field& field : fields) size += field.name.size() + field.value.size() + kLineOverhead;
  return size;
}

/// The framing is stated once, by write_framing, whatever the head says.
bool states_framing(FieldName id) {
  return id == FieldName::kContentLength || id == FieldName::kTransferEncoding;
}

void write_fields(std::span<const Field> fields, Cursor& to) {
  for (const Field& field : fields) {
    if (!field.drop && !states_framing(field.id)) to.field(field.name, field.value);
  }
}

/// Connection and Upgrade are hop-by-hop: stated anew like the framing.
void write_upgrade(const MessageHead& head, Cursor& to) {
  if (head.upgrade.empty()) return;
  to.field("Connection", "Upgrade");
  to.field("Upgrade", head.upgrade);
}

void write_framing(const Framing& framing, Cursor& to) {
  if (framing.kind == BodyKind::kLength || (framing.kind == BodyKind::kNone && framing.declared)) {
    to.field("Content-Length", DecimalText(framing.length).view());
  } else if (framing.kind == BodyKind::kChunked) {
    to << "Transfer-Encoding: chunked\r\n";
  }
}

/// `fill` writes at most `most` bytes. A head larger than a chunk of the queue (limits raised by the
/// configuration) goes through memory of its own.
template <class Fill>
void write_at_most(std::size_t most, ByteQueue& out, Fill fill) {
  if (most <= Chunk::kCapacity) {
    Cursor cursor(out.reserve(most));
    fill(cursor);
    out.commit(cursor.written());
    return;
  }
  std::string text(most, '\0');
  Cursor cursor(text.data());
  fill(cursor);
  out.append(std::string_view(text).substr(0, cursor.written()));
}

}  // namespace

void write_request_head(const RequestHead& head, ByteQueue& out) {
  const std::size_t most = head.method_text.size() + head.target.size() + head.authority.size() +
                           fields_size(head.fields) + head.upgrade.size() + kFramingOverhead;
  write_at_most(most, out, [&](Cursor& to) {
    to << head.method_text << " " << head.target << (head.writes_http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    // Stated from the authority that was checked, so that it cannot differ from what routing saw.
    if (!head.authority.empty()) to.field("Host", head.authority);
    for (const Field& field : head.fields) {
      const bool stated_anew = field.id == FieldName::kHost || states_framing(field.id);
      if (!field.drop && !stated_anew) to.field(field.name, field.value);
    }
    write_framing(head.framing, to);
    write_upgrade(head, to);
    if (head.is_last && head.tells_last && head.upgrade.empty()) to << "Connection: close\r\n";
    to << "\r\n";
  });
}

void write_response_head(const ResponseHead& head, const Framing& framing, const ResponseOptions& options,
                         ByteQueue& out) {
  const std::size_t most =
      head.reason.size() + fields_size(head.fields) + head.upgrade.size() + kFramingOverhead;
  write_at_most(most, out, [&](Cursor& to) {
    to << "HTTP/1.1 " << DecimalText(static_cast<std::uint64_t>(head.status)).view() << " " << head.reason
       << "\r\n";
    write_fields(head.fields, to);
    write_framing(framing, to);
    write_upgrade(head, to);
    if (options.close) {
      to << "Connection: close\r\n";
    } else if (options.http10_keep_alive) {
      to << "Connection: keep-alive\r\n";
    }
    to << "\r\n";
  });
}

void write_chunk(std::string_view data, ByteQueue& out) {
  if (data.empty()) return;
  char size[16 + 2];
  char* end = std::to_chars(size, size + 16, data.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append({size, static_cast<std::size_t>(end - size)});
  out.append(data);
  out.append("\r\n");
}

void write_last_chunk(std::span<const Field> trailers, ByteQueue& out) {
  out.append("0\r\n");
  if (!trailers.empty()) {
    write_at_most(fields_size(trailers), out, [&](Cursor& to) { write_fields(trailers, to); });
  }
  out.append("\r\n");
}

}  // namespace reseal::http
