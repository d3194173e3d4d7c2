// Exchanges for reuse, so that a request in steady state allocates nothing. An exchange that has finished
// comes back at the end of the turn, when no call into it is on the stack any more. Owner: the worker. Single
// thread.
#pragma once

#include <memory>
#include <vector>

namespace reseal::proxy {

class Exchange;
struct WorkerContext;

class ExchangePool {
 public:
  ExchangePool();
  ~ExchangePool();
  ExchangePool(const ExchangePool&) = delete;
  ExchangePool& operator=(const ExchangePool&) = delete;

  /// A clean exchange. `context` owns the pool.
  Exchange& take(WorkerContext& context);
  void give_back(Exchange& exchange);

 private:
  static constexpr std::size_t kMostKept = 256;
  std::vector<std::unique_ptr<Exchange>> free_;
};

}  // namespace reseal::proxy
