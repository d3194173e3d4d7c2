#include "lb/proxy/exchange_pool.h"

#include "lb/proxy/exchange.h"

namespace reseal::proxy {

ExchangePool::ExchangePool() = default;
ExchangePool::~ExchangePool() = default;

Exchange& ExchangePool::take(WorkerContext& context) {
  if (free_.empty()) return *new Exchange(context);
  Exchange& exchange = *free_.back().release();
  free_.pop_back();
  return exchange;
}

void ExchangePool::give_back(Exchange& exchange) {
  std::unique_ptr<Exchange> owned(&exchange);
  if (free_.size() < kMostKept) free_.push_back(std::move(owned));
}

}  // namespace reseal::proxy
