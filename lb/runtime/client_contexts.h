// The TLS contexts towards servers that a generation uses: one for all backends with the same settings, since each costs a
// millisecond and more than 20 KiB to make. Control thread; immutable once its generation is built.
#pragma once

#include <expected>
#include <memory>
#include <vector>

#include "tls/client_context.h"

namespace reseal::runtime {

class ClientContexts {
 public:
  /// The one for these settings, made if there is none yet. That of `previous` (may be null), if it has one for the same
  /// settings and the files still say the same, whichever backends used it: connections and sessions stay with it. Reads
  /// files (blocking). Every problem that prevents it is told each time.
  std::expected<std::shared_ptr<const tls::ClientContext>, std::vector<tls::TlsProblem>> get(
      const tls::ClientContextOptions& options, const ClientContexts* previous);

 private:
  struct Entry {
    tls::ClientContextOptions options;
    std::shared_ptr<const tls::ClientContext> context;
  };

  [[nodiscard]] std::shared_ptr<const tls::ClientContext> find(
      const tls::ClientContextOptions& options) const;

  std::vector<Entry> entries_;  // few configurations have more than a handful
};

}  // namespace reseal::runtime
