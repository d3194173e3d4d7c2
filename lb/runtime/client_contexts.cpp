#include "lb/runtime/client_contexts.h"

#include <algorithm>

namespace reseal::runtime {

std::shared_ptr<const tls::ClientContext> ClientContexts::find(
    const tls::ClientContextOptions& options) const {
  const auto entry = std::ranges::find(entries_, options, &Entry::options);
  return entry != entries_.end() ? entry->context : nullptr;
}

std::expected<std::shared_ptr<const tls::ClientContext>, std::vector<tls::TlsProblem>> ClientContexts::get(
    const tls::ClientContextOptions& options, const ClientContexts* previous) {
  if (auto made = find(options)) return made;
  auto context = tls::ClientContext::create(options, previous != nullptr ? previous->find(options) : nullptr);
  if (context) entries_.push_back({options, *context});
  return context;
}

}  // namespace reseal::runtime
