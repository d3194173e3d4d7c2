// Unix sockets to listen on, as HAProxy makes them: the new one takes the place of what is at the path in one step, so that
// whoever connects meanwhile reaches the old process or the new one, never nobody. For the same reason the file stays when
// the process ends. Control thread.
#pragma once

#include <optional>
#include <string>

#include "lb/net/listener.h"

namespace reseal::net {

struct UnixListenerOptions {
  std::string path;          ///< or the name, with is_abstract
  bool is_abstract = false;  ///< a name of Linux's own, in no folder
  std::optional<int> mode;   ///< none: as the umask has it
  std::optional<int> user, group;
};

/// Replaces whatever socket is at the path, even one that is answered; something that is no socket stays, and is an error.
Result<Fd> listen_unix_replacing(const UnixListenerOptions& options, int backlog);

}  // namespace reseal::net
