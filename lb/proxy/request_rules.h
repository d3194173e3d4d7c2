// What a frontend's settings make of one request, from its head to its end: the form of its path, the fields it may
// carry, its id, where the rules send it and what they change. Owner: the exchange, which asks and obeys. Single
// thread; allocates nothing once its decision has its memory.
#pragma once

#include "lb/proxy/forwarding.h"
#include "lb/proxy/frontend.h"
#include "lb/proxy/request_id.h"
#include "lb/proxy/router.h"

namespace reseal::proxy {

class RequestRules {
 public:
  /// Brings `head` into the form that rules look at, and lets them decide. The error says why the request is
  /// refused. `frontend` and what `client` points to must outlive the request.
  Result<void> judge(const Frontend& frontend, const ClientFacts& client, RequestIds& ids,
                     http::RequestHead& head);
  /// Forgets the request.
  void reset();

  [[nodiscard]] const Decision& decision() const { return decision_; }

  /// The head as the server of `backend` gets it. After judge(), once. The error says why there is none.
  Result<void> prepare_request(const Frontend& frontend, const ClientFacts& client, std::string_view backend,
                               http::RequestHead& head);
  /// The head as the client gets it; reseal's own replies too.
  void prepare_response(http::ResponseHead& head) const;

  /// What must not get to the server beside that head: trailers under the name of a field that was set or removed.
  void prepare_request_trailers(std::span<http::Field> trailers) const;
  /// The same of a response: its trailers, and the fields of an interim one (1xx).
  void prepare_beside_response(std::span<http::Field> fields) const;

  /// Where a rule redirects to; in `arena`.
  [[nodiscard]] std::string_view location(Arena& arena) const;
  /// The fields of a rule's reply.
  void add_reply_fields(http::ResponseHead& head) const;

  /// A body of so many bytes is within the limit.
  [[nodiscard]] bool allows_body(std::uint64_t bytes) const { return bytes <= max_body_bytes_; }
  [[nodiscard]] Duration response_timeout(Duration of_backend) const {
    return decision_.response_timeout.value_or(of_backend);
  }
  [[nodiscard]] Duration idle_timeout(Duration of_backend) const {
    return decision_.idle_timeout.value_or(of_backend);
  }

 private:
  void gather_facts(const Frontend& frontend, const ClientFacts& client, http::RequestHead& head);
  Result<void> rewrite(const rules::Rewrite& wanted, http::RequestHead& head) const;

  Decision decision_;
  rules::RequestFacts facts_;
  std::string_view received_target_;
  std::uint64_t max_body_bytes_ = 0;
  const RequestIdSettings* request_id_ = nullptr;  ///< null before judge()
};

}  // namespace reseal::proxy
