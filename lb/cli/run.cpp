#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "lb/admin/admin_http.h"
#include "lb/admin/admin_socket.h"
#include "lb/cli/commands.h"
#include "lb/cli/exit_status.h"
#include "lb/config/config_error.h"
#include "lb/net/listener.h"
#include "lb/runtime/process.h"

namespace reseal::cli {
namespace {

/// Prints all; true if one of them is an error.
bool print_problems(const std::vector<config::Problem>& problems) {
  bool failed = false;
  for (const config::Problem& problem : problems) {
    if (problem.severity != config::Severity::kError) continue;
    failed = true;
    fmt::print(stderr, "{}", config::render(problem));
  }
  return failed;
}

Result<net::Fd> listen_http(const config::Bind& bind) {
  const auto address = net::Address::parse(bind.host == "*" ? "0.0.0.0" : bind.host, bind.port);
  if (!address) return std::unexpected(address.error());
  constexpr int kBacklog = 64;
  auto sockets = net::listen_tcp(*address, 1, kBacklog);
  if (!sockets) return std::unexpected(sockets.error());
  return std::move(sockets->front());
}

int cannot_listen(const std::string& what, const Error& error) {
  const std::string reason = error.system != 0 ? fmt::format(": {}", std::strerror(error.system)) : "";
  const char* hint = error.system == ENOENT       ? "; its folder does not exist"
                     : error.system == EACCES     ? "; choose another, or another user"
                     : error.system == EADDRINUSE ? "; does another reseal run?"
                                                  : "";
  return complain(fmt::format("{}: {}{}{}", what, error.detail, reason, hint));
}

}  // namespace

int run(const std::string& config_file, int workers) {
  config::LoadResult loaded = config::load_file(config_file);
  print_problems(loaded.problems);
  if (!loaded.configuration) {
    return complain(fmt::format("{} does not load; nothing was started", config_file));
  }
  if (workers > 0) loaded.configuration->workers = workers;
  const config::Admin admin = loaded.configuration->admin;

  auto socket = net::listen_unix(admin.socket);
  if (!socket) return cannot_listen(fmt::format("admin.socket {}", admin.socket), socket.error());
  net::Fd http_socket;
  if (admin.http) {
    auto listening = listen_http(*admin.http);
    if (!listening) return cannot_listen(fmt::format("admin.http {}", admin.http->text()), listening.error());
    http_socket = std::move(*listening);
  }

  runtime::Process process(std::move(*loaded.configuration));
  const admin::AdminSocket admin_socket(process.loop(), std::move(*socket), admin.socket, process,
                                        process.log());
  std::unique_ptr<admin::AdminHttp> admin_http;
  if (http_socket.is_open()) {
    process.log().info(
        fmt::format("listening: admin address={}", net::bound_address(http_socket.value()).text()));
    admin_http =
        std::make_unique<admin::AdminHttp>(process.loop(), std::move(http_socket), process, process.log());
  }
  process.log_warnings(loaded.problems);
  std::vector<config::Problem> problems = process.start();
  config::show_lines(problems, config_file);
  if (print_problems(problems)) {
    return complain("nothing was started");
  }
  return process.run();
}

}  // namespace reseal::cli
