// The TLS contexts that a generation uses: one for all who want the same settings, since each costs a millisecond and more
// than 20 KiB to make. Control thread; immutable once its generation is built.
#pragma once

#include <algorithm>
#include <expected>
#include <memory>
#include <vector>

#include "tls/client_context.h"
#include "tls/server_context.h"

namespace reseal::runtime {

template <class Options, class Context>
class TlsContexts {
 public:
  using Made = std::expected<std::shared_ptr<const Context>, std::vector<tls::TlsProblem>>;

  /// The one for these settings, made if there is none yet. That of `previous` (may be null), if it has one for the same
  /// settings and the files still say the same, whoever used it: connections and sessions stay with it. Reads files
  /// (blocking). Every problem that prevents it is told each time. `more`: what Context::create() takes besides.
  template <class... More>
  Made get(const Options& options, const TlsContexts* previous, const More&... more) {
    if (auto made = find(options)) return made;
    auto context = Context::create(options, more..., previous != nullptr ? previous->find(options) : nullptr);
    if (context) entries_.push_back({options, *context});
    return context;
  }

 private:
  struct Entry {
    Options options;
    std::shared_ptr<const Context> context;
  };

  [[nodiscard]] std::shared_ptr<const Context> find(const Options& options) const {
    const auto entry = std::ranges::find(entries_, options, &Entry::options);
    return entry != entries_.end() ? entry->context : nullptr;
  }

  std::vector<Entry> entries_;  // few configurations have more than a handful
};

using ClientContexts = TlsContexts<tls::ClientContextOptions, tls::ClientContext>;
using ServerContexts = TlsContexts<tls::ServerContextOptions, tls::ServerContext>;

}  // namespace reseal::runtime
