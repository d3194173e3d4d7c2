#include "lb/cli/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace reseal::cli {

std::expected<void, std::string> give_up_privileges(const config::ProcessSettings& settings) {
  if (::geteuid() != 0) return {};
  const auto failed = [](const std::string& what) {
    return std::unexpected(fmt::format("{}: {}", what, std::strerror(errno)));
  };
  if (!settings.root.empty() && (::chroot(settings.root.c_str()) != 0 || ::chdir("/") != 0))
    return failed(fmt::format("chroot {}", settings.root));
  // Root's other groups would stay otherwise.
  if ((settings.group || settings.user) && ::setgroups(0, nullptr) != 0)
    return failed("the other groups cannot be left");
  if (settings.group && ::setgid(*settings.group) != 0) return failed(fmt::format("gid {}", *settings.group));
  if (settings.user && ::setuid(*settings.user) != 0) return failed(fmt::format("uid {}", *settings.user));
  return {};
}

}  // namespace reseal::cli
