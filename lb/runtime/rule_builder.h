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
#include "lb/rules/expression/compiler.h"

namespace reseal::runtime {

class RuleBuilder {
 public:
  using BackendIndex = std::function<std::optional<std::uint32_t>(const std::string& name)>;
  using Report = std::function<void(config::Place place, std::string message)>;

  /// The functions are called during the two calls below only; `environment` is borrowed as long.
  RuleBuilder(BackendIndex backend_index, Report report, const rules::expression::Environment& environment)
      : backend_index_(std::move(backend_index)), report_(std::move(report)), compiler_(environment) {}

  [[nodiscard]] proxy::Router build_router(const config::Frontend& frontend);
  [[nodiscard]] proxy::ErrorPages build_error_pages(const config::Frontend& frontend) const;

 private:
  void declare(const config::Acl& acl);
  [[nodiscard]] std::optional<rules::expression::Condition> condition(
      const config::Condition& settings) const;
  [[nodiscard]] rules::TextTemplate compiled(const std::string& text) const;
  [[nodiscard]] std::vector<rules::HeaderEdit> to_edits(
      const std::vector<config::HeaderEdit>& settings) const;
  [[nodiscard]] rules::Redirect to_redirect(const config::Redirect& settings) const;
  [[nodiscard]] rules::Rule https_redirect(std::uint16_t port) const;
  [[nodiscard]] rules::Rule build_rule(const config::Rule& settings);
  [[nodiscard]] rules::Reply build_reply(const config::Reply& settings) const;
  [[nodiscard]] std::shared_ptr<const rules::StaticBody> read_page(const std::string& file,
                                                                   config::Place place) const;

  BackendIndex backend_index_;
  Report report_;
  rules::expression::Compiler compiler_;
  config::Place place_;  // of the rule that is being built
};

}  // namespace reseal::runtime
