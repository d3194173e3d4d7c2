#include "lb/runtime/log_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "lb/net/address.h"
#include "lb/runtime/file_log_sink.h"
#include "lb/runtime/syslog_sink.h"

namespace reseal::runtime {

Result<std::unique_ptr<LogSink>> open_log_sink(const config::AccessLog& log) {
  switch (log.target) {
    case config::AccessLogTarget::kFile:
      return FileLogSink::open(log.path);
    case config::AccessLogTarget::kStdout:
      return FileLogSink::inherit(STDOUT_FILENO);
    case config::AccessLogTarget::kStderr:
      return FileLogSink::inherit(STDERR_FILENO);
    case config::AccessLogTarget::kDescriptor:
      if (::fcntl(log.descriptor, F_GETFD) < 0) return fail(Code::kIo, Origin::kLocal, "is not open", errno);
      return FileLogSink::inherit(log.descriptor);
    case config::AccessLogTarget::kSyslogUdp:
    case config::AccessLogTarget::kSyslogUnix:
      break;
  }
  return SyslogSink::open(log);
}

Result<void> check_log_target(const config::AccessLog& log) {
  if (log.target == config::AccessLogTarget::kSyslogUdp) {
    const auto addresses = net::Address::resolve(log.host, log.port);
    if (!addresses) return std::unexpected(addresses.error());
  }
  if (log.target != config::AccessLogTarget::kFile) return {};
  struct stat status{};
  if (::stat(log.path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return fail(Code::kIo, Origin::kLocal, "cannot be opened", EISDIR);
    if (::access(log.path.c_str(), W_OK) != 0)
      return fail(Code::kIo, Origin::kLocal, "cannot be opened", errno);
    return {};
  }
  const std::string folder = std::filesystem::path(log.path).parent_path().string();
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return fail(Code::kIo, Origin::kLocal, "cannot be opened", errno);
  return {};
}

}  // namespace reseal::runtime
