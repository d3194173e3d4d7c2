// From what the configuration says of logs to what writes them. Control thread; used once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lb/config/model.h"
#include "lb/proxy/frontend.h"
#include "lb/rules/expression/environment.h"

namespace reseal::runtime {

class LogThread;

class LogBuilder {
 public:
  using Report = std::function<void(config::Place place, std::string message)>;
  /// `logs`: null: targets are only looked at. All are borrowed.
  LogBuilder(LogThread* logs, Report report);

  /// The logs of a frontend, and what else it has for them; their expressions know what `environment` does.
  void build(const config::Configuration& configuration, const config::Frontend& settings,
             const rules::expression::Environment& environment, proxy::Frontend& frontend);
  /// Where messages go.
  [[nodiscard]] std::vector<stats::LogTarget> build_targets(const std::vector<config::AccessLog>& logs);

 private:
  [[nodiscard]] std::optional<stats::LogTarget> build_target(const config::AccessLog& log);
  [[nodiscard]] std::optional<stats::LogFormat> build_format(const config::AccessLog& log, bool has_requests);
  /// In HAProxy's language; nothing if it is empty, or wrong, which is reported.
  [[nodiscard]] std::optional<stats::HaproxyFormat> compile(const std::string& text, config::Place place);

  LogThread* logs_;
  Report report_;
  const rules::expression::Environment* environment_ = nullptr;  // while it builds
};

}  // namespace reseal::runtime
