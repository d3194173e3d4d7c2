#include "lb/runtime/generation.h"

#include "lb/runtime/generation_builder.h"

namespace reseal::runtime {

Generation::Built Generation::build(const config::Configuration& configuration, int workers,
                                    const std::shared_ptr<tls::TicketKeys>& ticket_keys,
                                    const Generation* previous, LogThread* logs) {
  return GenerationBuilder(configuration, workers, ticket_keys, previous, logs).build();
}

std::span<const stats::LogTarget> Generation::message_targets(const std::string& backend) const {
  const auto found = message_targets_.find(backend);
  if (found == message_targets_.end()) return {};
  return found->second;
}

std::vector<config::Problem> check_configuration(const config::Configuration& configuration) {
  return Generation::build(configuration, 1, std::make_shared<tls::TicketKeys>(), nullptr, nullptr).problems;
}

}  // namespace reseal::runtime
