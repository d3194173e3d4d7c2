// What one exchange came to: its bytes, its times and its end, for the counters and the access log. A member of the
// exchange. Single thread; costs no allocation.
#pragma once

#include <optional>

#include "lb/http/message.h"
#include "lb/proxy/forwarding.h"
#include "lb/proxy/frontend.h"
#include "lb/proxy/request_rules.h"
#include "lb/proxy/request_times.h"
#include "lb/proxy/worker_context.h"

namespace reseal::proxy {

class ServerSide;

class ExchangeAccount {
 public:
  explicit ExchangeAccount(WorkerContext& context) : context_(context) {}

  /// A request begins, its head as the client sent it. `frontend`, what `client` points to and the texts of `request`
  /// are borrowed until close().
  void begin(const Frontend& frontend, const ClientFacts& client, http::RequestHead& request);

  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;  ///< as the client gets them
  std::string_view coding;           ///< that the response is compressed with; empty: it is not
  RequestTimes times;

  struct Ending {
    Code cause;
    int status;    ///< 0: nobody was told one
    bool relayed;  ///< of a server's response the client has seen something
    const RequestRules& rules;
    http::RequestHead& request;  ///< whose arena holds what is made for the lines
    const http::ResponseHead& response;
    const ServerSide& server_side;
  };
  /// A response is there, as the server sent it. What is kept of it is in `arena`.
  void take_response(const http::ResponseHead& response, Arena& arena);
  /// Of this request.
  [[nodiscard]] stats::LogCaptures captures() const { return captures_.view(); }
  [[nodiscard]] const ClientFacts& client() const { return client_; }
  /// The client is taken to be this one; borrowed as the facts are.
  void set_source(const net::Address& address, std::string_view text) {
    client_.source = &address;
    client_.address = text;
  }
  void set_destination(const net::Address& address) { client_.destination = &address; }
  [[nodiscard]] Captures& capture_slots() { return captures_; }
  /// The response's head goes to the client: the lines that are written so early.
  void respond(const Ending& ending);
  /// Counts it and writes the lines. Before the server side ends.
  void close(const Ending& ending);

 private:
  void count(const Ending& ending);
  void write_access_log(const Ending& ending, bool early);
  void write_lines(const stats::AccessRecord& record, stats::LogLevel level) const;
  void announce() const;
  void name_request(http::RequestHead& request) const;
  /// Nothing: no line is written.
  [[nodiscard]] std::optional<stats::LogLevel> level_of(const stats::AccessRecord& record,
                                                        const RequestRules& rules) const;
  void describe_local(stats::AccessRecord& record, std::uint8_t needs, http::RequestHead& request) const;
  void describe_client(stats::AccessRecord& record, const http::RequestHead& request) const;
  void describe_answer(stats::AccessRecord& record, const Ending& ending) const;
  void describe_load(stats::AccessRecord& record, const Ending& ending) const;

  WorkerContext& context_;
  const Frontend* frontend_ = nullptr;
  ClientFacts client_;
  std::string_view host_;
  std::string_view method_;
  std::string_view target_;
  std::uint64_t request_head_bytes_ = 0;
  std::uint64_t request_number_ = 0;
  Captures captures_;
  bool is_logged_ = false;  // this request has its lines already
};

}  // namespace reseal::proxy
