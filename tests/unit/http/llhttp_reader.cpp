#include "tests/unit/http/llhttp_reader.h"

#include <llhttp.h>

#include "lb/base/text.h"

namespace reseal::http::test {
namespace {

struct Reader {
  LlhttpMessage message;
  LlhttpKind kind;
  std::string name;
  std::string value;
};

Reader& reader_of(llhttp_t* parser) {
  return *static_cast<Reader*>(parser->data);
}

template <std::string LlhttpMessage::* kMember>
int append(llhttp_t* parser, const char* at, std::size_t length) {
  (reader_of(parser).message.*kMember).append(at, length);
  return 0;
}

int on_name(llhttp_t* parser, const char* at, std::size_t length) {
  reader_of(parser).name.append(at, length);
  return 0;
}

int on_value(llhttp_t* parser, const char* at, std::size_t length) {
  reader_of(parser).value.append(at, length);
  return 0;
}

int on_field_complete(llhttp_t* parser) {
  Reader& reader = reader_of(parser);
  if (!reader.message.head_complete) {
    reader.message.fields.emplace_back(reader.name, std::string(trim_blanks(reader.value)));
  }
  reader.name.clear();
  reader.value.clear();
  return 0;
}

int on_headers_complete(llhttp_t* parser) {
  Reader& reader = reader_of(parser);
  LlhttpMessage& message = reader.message;
  message.head_complete = true;
  message.status = llhttp_get_status_code(parser);
  message.minor_version = llhttp_get_http_minor(parser);
  message.chunked = (parser->flags & F_CHUNKED) != 0;
  message.has_length = (parser->flags & F_CONTENT_LENGTH) != 0;
  message.length = message.has_length ? parser->content_length : 0;
  parser->upgrade = 0;  // what follows is read on as HTTP: reseal upgrades nothing
  // That these have no body is for llhttp's caller to say (RFC 9112 6.3 rule 1).
  return reader.kind == LlhttpKind::kResponseToHead || message.status == 304 ? 1 : 0;
}

int on_message_complete(llhttp_t* parser) {
  reader_of(parser).message.complete = true;
  return HPE_PAUSED;
}

}  // namespace

LlhttpMessage read_with_llhttp(std::string_view bytes, LlhttpKind kind) {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_method = append<&LlhttpMessage::method>;
  settings.on_url = append<&LlhttpMessage::target>;
  settings.on_body = append<&LlhttpMessage::body>;
  settings.on_header_field = on_name;
  settings.on_header_value = on_value;
  settings.on_header_value_complete = on_field_complete;
  settings.on_headers_complete = on_headers_complete;
  settings.on_message_complete = on_message_complete;

  Reader reader;
  reader.kind = kind;
  llhttp_t parser;
  llhttp_init(&parser, kind == LlhttpKind::kRequest ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
  parser.data = &reader;
  const llhttp_errno_t result = llhttp_execute(&parser, bytes.data(), bytes.size());
  LlhttpMessage& message = reader.message;
  if (result == HPE_PAUSED) {
    message.consumed = static_cast<std::size_t>(llhttp_get_error_pos(&parser) - bytes.data());
  } else if (result != HPE_OK) {
    message.refused = true;
    message.error = llhttp_errno_name(result);
  }
  return std::move(message);
}

}  // namespace reseal::http::test
