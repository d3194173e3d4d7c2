// The figures of the proxies of one generation, for the rules that ask for them. Made on the control thread before rules are
// compiled; what it finds is then read by all workers, and keeps no generation alive.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "backends/backend.h"
#include "lb/rules/expression/proxy_state.h"

namespace reseal::runtime {

class ProxyStates final : public rules::expression::ProxyFinder {
 public:
  using State = std::shared_ptr<const rules::expression::ProxyState>;

  void add_frontend(const std::string& name, std::shared_ptr<stats::CounterSet> counters);
  void add_backend(const backends::Backend& backend);
  /// What is compiled from now on belongs to the section of that name.
  void enter(std::string section) { section_ = std::move(section); }

  State backend(std::string_view name) const override;
  State frontend(std::string_view name) const override;
  State server(std::string_view name) const override;
  State server_of(std::string_view backend, std::string_view name) const override;

 private:
  using Named = std::map<std::string, State, std::less<>>;
  [[nodiscard]] State find(const Named& named, std::string_view name) const;

  Named backends_, frontends_;
  std::map<std::string, Named, std::less<>> servers_;  // by their backend
  std::string section_;
};

}  // namespace reseal::runtime
