// What one exchange came to: its bytes, its times and its end, for the counters and the access log. A member of the
// exchange. Single thread; costs no allocation.
#pragma once

#include "lb/http/message.h"
#include "lb/proxy/forwarding.h"
#include "lb/proxy/frontend.h"
#include "lb/proxy/request_times.h"
#include "lb/proxy/worker_context.h"

namespace reseal::proxy {

class ServerSide;

class ExchangeAccount {
 public:
  explicit ExchangeAccount(WorkerContext& context) : context_(context) {}

  /// A request begins, its head as the client sent it. `frontend`, what `client` points to and the texts of `request`
  /// are borrowed until close().
  void begin(const Frontend& frontend, const ClientFacts& client, const http::RequestHead& request);

  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;  ///< as the client gets them
  RequestTimes times;

  struct Ending {
    Code cause;
    int status;    ///< 0: nobody was told one
    bool relayed;  ///< of a server's response the client has seen something
    bool silent;   ///< no line is wanted
    const http::RequestHead& request;
    const http::ResponseHead& response;
    const ServerSide& server_side;
  };
  /// Counts it and writes the lines. Before the server side ends.
  void close(const Ending& ending);

 private:
  void count(const Ending& ending);
  void write_access_log(const Ending& ending) const;
  void describe_client(stats::AccessRecord& record, const http::RequestHead& request) const;
  void describe_answer(stats::AccessRecord& record, const Ending& ending) const;
  void describe_load(stats::AccessRecord& record, const Ending& ending) const;

  WorkerContext& context_;
  const Frontend* frontend_ = nullptr;
  ClientFacts client_;
  std::string_view host_;
  std::string_view target_;
  std::uint64_t request_head_bytes_ = 0;
};

}  // namespace reseal::proxy
