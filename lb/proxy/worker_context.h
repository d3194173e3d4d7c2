// What every connection and exchange of one worker shares. Owner: the worker; outlives them all. Single
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "backends/connection_pool.h"
#include "lb/base/intrusive_list.h"
#include "lb/base/log.h"
#include "lb/base/log_budget.h"
#include "lb/http/encoder_pool.h"
#include "lb/net/loop.h"
#include "lb/proxy/access_log.h"
#include "lb/proxy/exchange_pool.h"
#include "lb/proxy/local_generation.h"
#include "lb/proxy/page_desk.h"
#include "lb/proxy/request_id.h"

namespace reseal::proxy {

class ClientConnection;
class ServerSide;
struct ConnectionTag;
struct WithdrawalTag;

/// A frontend as this worker serves it: its name stays, its settings change with each generation. Connections
/// hold it.
struct FrontendSlot {
  std::string name;
  std::shared_ptr<const Frontend> current;  ///< null once a reload has removed the frontend
};

/// Told when a client connection has ended.
class ConnectionObserver {
 public:
  virtual void on_connection_closed() = 0;

 protected:
  ~ConnectionObserver() = default;
};

struct WorkerContext {
  WorkerContext(net::Loop& worker_loop, Log& process_log, int index, Random& worker_random,
                ConnectionObserver& connection_observer, const std::atomic<std::size_t>& open_connections,
                PageMaker& page_maker)
      : loop(worker_loop),
        log(process_log),
        worker(index),
        random(worker_random),
        request_ids(worker_random.next()),
        observer(connection_observer),
        process_connections(open_connections),
        access_logs(worker_loop),
        pages(page_maker, index) {}

  net::Loop& loop;
  Log& log;
  int worker;
  Random& random;
  RequestIds request_ids;
  ConnectionObserver& observer;
  const std::atomic<std::size_t>& process_connections;  ///< of clients, open now, of all workers
  GenerationPin generation;                             ///< the current one
  LogBudget failure_lines{20};      ///< lines a second about failed requests and handshakes
  std::uint64_t request_count = 0;  ///< of this worker
  bool draining = false;
  AccessLogs access_logs;
  PageDesk pages;
  http::EncoderPool encoders;
  ExchangePool exchanges;
  IntrusiveList<ClientConnection, ConnectionTag> connections{};
  std::size_t connection_count = 0;
  /// Those at servers whose sessions may have to end (withdrawal.h).
  IntrusiveList<ServerSide, WithdrawalTag> withdrawable{};
};

}  // namespace reseal::proxy
