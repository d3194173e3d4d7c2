#include <fmt/format.h>

#include <unistd.h>
#include <cerrno>
#include <csignal>

#include <cstdio>
#include <cstring>
#include <memory>

#include "lb/admin/admin_http.h"
#include "lb/admin/admin_socket.h"
#include "lb/admin/runtime_sockets.h"
#include "lb/cli/background.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/cli/pid_file.h"
#include "lb/cli/privileges.h"
#include "lb/cli/serve.h"
#include "lb/config/config_error.h"
#include "lb/net/listening_socket.h"
#include "lb/runtime/bind_table.h"
#include "lb/runtime/process.h"

namespace reseal::cli {
namespace {

/// Prints the errors (warnings go to the log); true if there is one.
bool print_problems(const config::Door& door, const std::vector<config::Problem>& problems) {
  bool failed = false;
  for (const config::Problem& problem : problems) {
    if (problem.severity != config::Severity::kError) continue;
    failed = true;
    fmt::print(stderr, "{}", door.render(problem));
  }
  return failed;
}

Result<net::Fd> listen_http(const config::Bind& bind) {
  const auto address = runtime::address_of(bind);
  if (!address) return std::unexpected(address.error());
  constexpr int kBacklog = 64;
  auto sockets = net::listen_tcp(*address, 1, {.backlog = kBacklog});
  if (!sockets) return std::unexpected(sockets.error());
  return std::move(sockets->front());
}

/// What is wrong with an admin address, at its place in the file.
config::Problem cannot_listen(const config::Configuration& configuration, config::Place place,
                              const std::string& what, const Error& error) {
  const std::string reason = error.system != 0 ? fmt::format(": {}", std::strerror(error.system)) : "";
  const char* hint =
      error.system == ENOENT
          ? "; its folder does not exist: make it (mkdir), or name another path under admin: { socket: PATH }"
      : error.system == EACCES     ? "; choose another, or another user"
      : error.system == EADDRINUSE ? "; does another reseal run?"
                                   : "";
  return {config::Severity::kError,
          configuration.file,
          place,
          fmt::format("{}: {}{}{}", what, error.detail, reason, hint),
          {}};
}

/// The doors of an administrator; both listen before anything else is started.
struct AdminSockets {
  net::Fd socket;
  net::Fd http;
  std::vector<net::Fd> runtime;  // one for each socket of the runtime API
  std::vector<config::Problem> problems;

  AdminSockets(const config::Configuration& configuration, bool joins_others) {
    const config::Admin& admin = configuration.admin;
    if (!admin.socket.empty()) open_socket(configuration);
    open_runtime_sockets(configuration, joins_others);
    if (!admin.http) return;
    auto address = listen_http(*admin.http);
    if (address) {
      http = std::move(*address);
    } else {
      problems.push_back(cannot_listen(configuration, admin.http->place, "admin.http " + admin.http->text(),
                                       address.error()));
    }
  }

 private:
  void open_runtime_sockets(const config::Configuration& configuration, bool joins_others) {
    for (const config::RuntimeSocket& wanted : configuration.runtime_api.sockets) {
      auto opened = runtime::listen_on(wanted.bind, 1, joins_others);
      if (opened) {
        runtime.push_back(std::move(opened->front()));
        // What was inherited would go on to take connections when nobody accepts them any more.
        if (wanted.bind.kind == config::BindKind::kDescriptor) ::close(wanted.bind.descriptor);
      } else {
        problems.push_back({config::Severity::kError,
                            configuration.file,
                            wanted.bind.place,
                            fmt::format("stats socket {}: cannot listen: {}", wanted.text(), opened.error()),
                            {}});
      }
    }
  }

  void open_socket(const config::Configuration& configuration) {
    const config::Admin& admin = configuration.admin;
    auto unix_socket = net::listen_unix(admin.socket);
    if (unix_socket) {
      socket = std::move(*unix_socket);
    } else {
      problems.push_back(
          cannot_listen(configuration, admin.place, "admin.socket " + admin.socket, unix_socket.error()));
    }
  }
};

/// The signal that the process is to end by; 0: none, it ends in order; below: its exit status.
int serve_until_stopped(const config::Door& door, config::LoadResult loaded,
                        runtime::ProcessOptions options) {
  const config::RuntimeApi runtime_api = loaded.configuration->runtime_api;
  const std::string socket_path = loaded.configuration->admin.socket;
  std::vector<std::string> admin_hosts = loaded.configuration->admin.http_hosts;
  AdminSockets admin_sockets(*loaded.configuration, options.joins_others);
  if (!admin_sockets.problems.empty()) {
    // Nothing can start; what else is wrong is told all the same.
    auto problems = runtime::check_configuration(*loaded.configuration);
    problems.insert(problems.end(), admin_sockets.problems.begin(), admin_sockets.problems.end());
    door.show_lines(problems);
    print_problems(door, problems);
    if (admin_sockets.socket.is_open()) ::unlink(socket_path.c_str());
    return -complain("nothing was started");
  }

  runtime::Process process(std::move(*loaded.configuration), std::move(loaded.problems), door,
                           std::move(options));
  std::unique_ptr<admin::AdminSocket> admin_socket;
  if (admin_sockets.socket.is_open()) {
    admin_socket = std::make_unique<admin::AdminSocket>(process.loop(), std::move(admin_sockets.socket),
                                                        socket_path, process, process.log());
  }
  std::unique_ptr<admin::AdminHttp> admin_http;
  if (admin_sockets.http.is_open()) {
    const net::Address address = net::bound_address(admin_sockets.http.value());
    process.log().info(fmt::format("listening: admin address={}", address.text()));
    admin_http = std::make_unique<admin::AdminHttp>(process.loop(), std::move(admin_sockets.http),
                                                    std::move(admin_hosts), process, process.log());
  }
  std::unique_ptr<admin::RuntimeSockets> runtime_sockets;
  if (!admin_sockets.runtime.empty()) {
    for (std::size_t i = 0; i < admin_sockets.runtime.size(); ++i) {
      const config::RuntimeSocket& socket = runtime_api.sockets[i];
      process.log().info("listening: stats socket " +
                         (socket.bind.kind == config::BindKind::kAddress
                              ? net::bound_address(admin_sockets.runtime[i].value()).text()
                              : socket.text()));
    }
    runtime_sockets = std::make_unique<admin::RuntimeSockets>(
        process.loop(), std::move(admin_sockets.runtime), runtime_api, process, process.log());
  }
  std::vector<config::Problem> problems = process.start();
  door.show_lines(problems);
  if (print_problems(door, problems)) {
    return -complain("nothing was started");
  }
  return process.run();
}

}  // namespace

int run(const std::string& config_file, int workers) {
  const config::Door door = config::yaml_door(config_file);
  config::LoadResult loaded = door.load();
  print_problems(door, loaded.problems);
  if (!loaded.configuration) {
    return complain(fmt::format("{} does not load; nothing was started", config_file));
  }
  if (workers > 0) loaded.configuration->workers = workers;
  const config::ProcessSettings settings = loaded.configuration->process;
  Background background;
  if (settings.daemon && !background.enter())
    return complain("there is no process to be had for the background");
  runtime::ProcessOptions options;
  options.on_bound = [&settings] {
    const auto written = write_pid_file(settings.pid_file);
    return written ? give_up_privileges(settings) : written;
  };
  options.on_ready = [&background] { background.ready(); };
  return serve(door, std::move(loaded), std::move(options));
}

int serve(const config::Door& door, config::LoadResult loaded, runtime::ProcessOptions options) {
  const int signal = serve_until_stopped(door, std::move(loaded), std::move(options));
  if (signal <= 0) return -signal;
  // Whoever waits for the process is to see what ended it, as if nobody had caught the signal.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  return kDone;
}

}  // namespace reseal::cli
