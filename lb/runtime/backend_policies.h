// What a backend's configuration says of balancing, limits, retries, compression and persistence, turned into the objects
// that its requests are served by. Part of building a generation; control thread.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "backends/backend.h"
#include "lb/config/model.h"

namespace reseal::runtime {

/// Limits, queue, retries, outliers, slow start and panic.
void apply_resilience(const config::Backend& settings, backends::Backend& backend);

/// How a server is chosen.
void apply_balance(const config::Balance& settings, backends::Backend& backend);

/// Null where nothing is compressed.
std::shared_ptr<const http::CompressionPolicy> make_compression(
    const std::optional<config::Compression>& settings);

/// Null for a backend without persistence. Reads the key file of a cookie (blocking); without one the cookies
/// are made with `process_hash`. The table of clients of `old` (may be null) is taken over if the settings are
/// the same, so that they stay where they are over a reload. `built` has its servers. The error says what is wrong with the
/// key file.
std::expected<std::shared_ptr<const backends::PersistencePolicy>, std::string> make_persistence(
    const config::Backend& settings, const tls::KeyedHash& process_hash, const backends::Backend* old,
    const backends::Backend& built);

}  // namespace reseal::runtime
