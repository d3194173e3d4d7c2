#include "lb/proxy/captures.h"

#include "lb/base/text.h"

namespace reseal::proxy {
namespace {

/// Of several fields of that name the last one, as HAProxy does.
void take_fields(const std::vector<Capture>& wanted, const http::MessageHead& head,
                 std::vector<std::string_view>& into) {
  for (const http::Field& field : head.fields) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (equals_ignoring_case(field.name, wanted[i].name))
        into[i] = field.value.substr(0, wanted[i].most_bytes);
    }
  }
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// The first cookie whose "NAME=value" begins so; `all`: a field may hold several of them.
void take_cookie(const Capture& wanted, const http::MessageHead& head, http::FieldName field_id, bool all,
                 std::string_view& into) {
  if (wanted.name.empty()) return;
  for (const http::Field& field : head.fields) {
    if (field.id != field_id) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view cookie = without_blanks(rest.substr(0, end));
      if (into.empty() && cookie.starts_with(wanted.name)) into = cookie.substr(0, wanted.most_bytes);
      rest.remove_prefix(all ? std::min(end + 1, rest.size()) : rest.size());
    }
  }
}

}  // namespace

void Captures::clear() {
  rules_ = nullptr;
  request_.clear();
  response_.clear();
  request_cookie_ = response_cookie_ = {};
}

void Captures::take_request(const CaptureRules& rules, const http::RequestHead& head) {
  clear();
  rules_ = &rules;
  request_.resize(rules.request.size());
  response_.resize(rules.response.size());
  take_fields(rules.request, head, request_);
  for (std::size_t i = 0; i < rules.request.size(); ++i) {
    // Of HTTP/2 it may be no field.
    if (request_[i].empty() && equals_ignoring_case(rules.request[i].name, "host"))
      request_[i] = head.authority.substr(0, rules.request[i].most_bytes);
  }
  take_cookie(rules.cookie, head, http::FieldName::kCookie, true, request_cookie_);
}

bool Captures::keep_of_request(std::size_t slot, std::string_view text) {
  if (slot >= request_.size()) return false;
  request_[slot] = text.substr(0, rules_->request[slot].most_bytes);
  return true;
}

bool Captures::keep_of_response(std::size_t slot, std::string_view text) {
  if (slot >= response_.size()) return false;
  response_[slot] = text.substr(0, rules_->response[slot].most_bytes);
  return true;
}

void Captures::take_response(const CaptureRules& rules, const http::ResponseHead& head, Arena& arena) {
  response_.assign(rules.response.size(), {});
  response_cookie_ = {};
  take_fields(rules.response, head, response_);
  take_cookie(rules.cookie, head, http::FieldName::kSetCookie, false, response_cookie_);
  for (std::string_view& value : response_) value = arena.copy(value);
  response_cookie_ = arena.copy(response_cookie_);
}

}  // namespace reseal::proxy
