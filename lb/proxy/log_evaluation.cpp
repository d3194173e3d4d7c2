#include "lb/proxy/log_evaluation.h"

namespace reseal::proxy {

LogEvaluation::LogEvaluation(const stats::AccessRecord& record, const ClientFacts& client,
                             http::RequestHead& request, const http::ResponseHead* response,
                             const rules::expression::SampleContext* by_rules,
                             const rules::expression::ServerLink* link, TimePoint now)
    : evaluated_(context_, request.arena) {
  if (by_rules != nullptr) context_ = *by_rules;
  context_.now = now;
  context_.received_target = record.target;
  context_.phase = rules::expression::Phase::kResponse;
  // Of a head that was not understood there is nothing to see.
  if (!record.method.empty()) context_.request = &request;
  context_.response = response;
  context_.client = client.source;
  context_.local = client.destination;
  context_.frontend = record.frontend;
  context_.backend = record.backend;
  context_.server = record.server;
  context_.server_link = link;
  context_.unique_id = record.unique_id;
  context_.coding = record.coding;
  context_.captured_request = record.captures.request;
  context_.captured_response = record.captures.response;
  context_.now_microseconds = record.begun.time_since_epoch().count();
  if (by_rules != nullptr) return;  // which know the connection better
  if (record.secure) {
    tls_.version = record.tls_version;
    tls_.cipher = record.tls_cipher;
    tls_.sni = record.tls_server_name;
    tls_.is_resumed = client.tls_resumed;
    context_.tls = &tls_;
  } else if (!record.tls_server_name.empty()) {
    hello_.emplace().sent_name = record.tls_server_name;
    context_.hello = &*hello_;
  }
}

}  // namespace reseal::proxy
