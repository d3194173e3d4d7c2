#include "lb/proxy/local_generation.h"

namespace reseal::proxy {

std::optional<std::uint32_t> RoutingTable::find_backend(std::string_view name) const {
  const auto found = backend_names.find(name);
  if (found == backend_names.end()) return std::nullopt;
  return found->second;
}

GenerationPin::GenerationPin(LocalGeneration& generation) : generation_(&generation) {
  ++generation.pins_;
}

GenerationPin& GenerationPin::operator=(GenerationPin&& other) noexcept {
  if (this != &other) {
    reset();
    generation_ = std::exchange(other.generation_, nullptr);
  }
  return *this;
}

void GenerationPin::reset() {
  LocalGeneration* generation = std::exchange(generation_, nullptr);
  if (generation != nullptr && --generation->pins_ == 0) delete generation;
}

GenerationPin LocalGeneration::create(std::shared_ptr<const RoutingTable> table,
                                      const backends::PoolServices& services, Random& random,
                                      LocalGeneration* previous) {
  return GenerationPin(*new LocalGeneration(std::move(table), services, random, previous));
}

LocalGeneration::LocalGeneration(std::shared_ptr<const RoutingTable> table,
                                 const backends::PoolServices& services, Random& random,
                                 LocalGeneration* previous)
    : table_(std::move(table)) {
  backends_.reserve(table_->backends.size());
  for (const auto& backend : table_->backends) {
    backends::LocalBackend* old = previous != nullptr ? previous->find(backend->name) : nullptr;
    backends_.push_back(std::make_unique<backends::LocalBackend>(backend, services, random, old));
  }
}

backends::LocalBackend* LocalGeneration::find(const std::string& backend_name) {
  for (const auto& backend : backends_) {
    if (backend->settings().name == backend_name) return backend.get();
  }
  return nullptr;
}

void LocalGeneration::retire(LocalGeneration& successor) {
  for (const auto& backend : backends_)
    backend->retire_pools_not_in(successor.find(backend->settings().name));
}

}  // namespace reseal::proxy
