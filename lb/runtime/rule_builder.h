// Turns the rules and pages of a frontend's configuration into objects, reading the files they name. Part of building
// a generation: control thread, blocking; used once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lb/config/config_error.h"
#include "lb/config/model.h"
#include "lb/proxy/error_pages.h"
#include "lb/proxy/router.h"

namespace reseal::runtime {

class RuleBuilder {
 public:
  using BackendIndex = std::function<std::optional<std::uint32_t>(const std::string& name)>;
  using Report = std::function<void(config::Place place, std::string message)>;

  /// Both are called during the two calls below only.
  RuleBuilder(BackendIndex backend_index, Report report)
      : backend_index_(std::move(backend_index)), report_(std::move(report)) {}

  [[nodiscard]] proxy::Router build_router(const config::Frontend& frontend) const;
  [[nodiscard]] proxy::ErrorPages build_error_pages(const config::Frontend& frontend) const;

 private:
  [[nodiscard]] rules::Rule build_rule(const config::Rule& settings) const;
  [[nodiscard]] rules::Reply build_reply(const config::Reply& settings) const;
  [[nodiscard]] std::shared_ptr<const rules::StaticBody> read_page(const std::string& file,
                                                                   config::Place place) const;

  BackendIndex backend_index_;
  Report report_;
};

}  // namespace reseal::runtime
