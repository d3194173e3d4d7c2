// Responses that reseal gives itself: errors, redirects, static replies. Writes through the neutral writer, so it
// holds for every protocol.
#pragma once

#include <string_view>

#include "lb/base/error.h"
#include "lb/http/exchange_ends.h"
#include "lb/http/message.h"
#include "lb/proxy/error_pages.h"
#include "lb/proxy/request_rules.h"

namespace reseal::proxy {

/// What every local reply needs. All borrowed until it is sent. `head` is scratch for the response; its arena
/// keeps what was put there for it.
struct LocalReply {
  RequestRules& rules;  ///< what changes the response's fields
  http::Method method;  ///< of the request: HEAD gets no body
  http::ResponseHead& head;
  http::ResponseWriter& writer;
  std::string_view cause_header{};  ///< field that tells an error's cause word; empty: none
  bool is_grpc = false;             ///< the request is a gRPC call: so are errors told
  bool unreachable_is_503 = false;  ///< of the frontend
};

/// The status that reply_error() answers, 0 if nobody is there to be told. `denied` is the status of the rule that
/// denies the request; 0: none does.
int error_status(const Error& error, int denied, bool is_grpc, bool unreachable_is_503);

/// Answers `error` per error_policy: the page for its status, or a short text with status, cause word and one
/// sentence. To gRPC: 200 with grpc-status and grpc-message, and no body (Trailers-Only).
/// `pages` of the backend, if one was chosen, come before the frontend's.
struct PagesToTry {
  const ErrorPages* of_backend;  ///< null: none
  const ErrorPages& of_frontend;
  [[nodiscard]] const rules::StaticBody* find(int status) const;
};
void reply_error(const Error& error, int denied, const PagesToTry& pages, const LocalReply& reply);

/// Answers as a rule says: to redirect, or with a text of its own.
void reply_redirect(int status, const LocalReply& reply);
void reply_static(int status, const LocalReply& reply);
/// The same to redirect to `location`, which is copied.
void reply_moved(int status, std::string_view location, const LocalReply& reply);

}  // namespace reseal::proxy
