#include "lb/http/message.h"

namespace reseal::http {

const Field* MessageHead::find(FieldName id) const {
  for (const Field& field : fields) {
    if (field.id == id && !field.drop) return &field;
  }
  return nullptr;
}

void MessageHead::add(FieldName id, std::string_view name, std::string_view value) {
  fields.push_back({id, false, name, value});
}

void MessageHead::drop(FieldName id) {
  for (Field& field : fields) {
    if (field.id == id) field.drop = true;
  }
}

void MessageHead::reset_message() {
  arena.clear();
  fields.clear();
  version = Version::kHttp11;
  framing = {};
  keep_alive = true;
  upgrade = {};
}

void RequestHead::reset() {
  reset_message();
  method = Method::kGet;
  method_text = target = authority = request_id = {};
  expect_continue = accepts_trailers = writes_http10 = is_last = false;
  tells_last = true;
}

void ResponseHead::reset() {
  reset_message();
  status = 0;
  reason = {};
}

std::string_view host_of(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return authority;
  return authority.substr(0, colon);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace reseal::http
