// The variables that a configuration's "${NAME}" sees: a value that is handed in and that `setenv` and its
// kin in `global` change, never the process's own environment.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reseal::haproxy {

class Environment {
 public:
  Environment() = default;
  /// From "NAME=value" strings up to a null pointer, as main() gets them; may be null.
  explicit Environment(const char* const* strings);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  void set(std::string_view name, std::string_view value);
  void unset(std::string_view name);
  /// `resetenv`: forgets every variable but those named.
  void keep_only(std::span<const std::string_view> names);

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

/// What HAProxy defines before it reads the first file, for those that are not there yet: HAPROXY_LOCALPEER,
/// HAPROXY_STARTUP_VERSION, HAPROXY_BRANCH and the log formats HAPROXY_{TCP,HTTP,HTTPS}_LOG_FMT.
/// HAPROXY_CFGFILES is set while reading; HAPROXY_MWORKER, HAPROXY_CLI and HAPROXY_MASTER_CLI are the
/// caller's.
void define_predefined(Environment& environment, std::string_view local_peer);

}  // namespace reseal::haproxy
