#include "lb/runtime/backend_policies.h"

#include <fmt/format.h>

#include <random>
#include <variant>
#include <vector>

#include "lb/base/file.h"
#include "lb/runtime/configured_words.h"

namespace reseal::runtime {
namespace {

using backends::CookiePersistence;
using backends::PersistencePolicy;
using backends::StickPersistence;
using backends::StickTable;

constexpr std::size_t kMostKeyBytes = 4096;
constexpr std::size_t kLeastKeyBytes = 16;

std::expected<std::string, std::string> read_key(const std::string& path) {
  auto key = read_at_most(path, kMostKeyBytes + 1);
  if (!key) return std::unexpected(fmt::format("key_file {} {}", path, key.error()));
  while (!key->empty() && (key->back() == '\n' || key->back() == '\r')) key->pop_back();
  if (key->size() < kLeastKeyBytes || key->size() > kMostKeyBytes) {
    return std::unexpected(
        fmt::format("key_file {} holds {} bytes; accepted: {} to {}, such as what "
                    "`openssl rand -base64 32` prints",
                    path, key->size(), kLeastKeyBytes, kMostKeyBytes));
  }
  return key;
}

std::string attributes_of(const config::PersistenceCookie& cookie) {
  static constexpr const char* kSameSite[] = {"Lax", "Strict", "None"};
  std::string text =
      fmt::format("; Path=/; HttpOnly; SameSite={}", kSameSite[static_cast<std::size_t>(cookie.same_site)]);
  if (cookie.max_age) {
    text += fmt::format("; Max-Age={}",
                        std::chrono::duration_cast<std::chrono::seconds>(*cookie.max_age).count());
  }
  return text;
}

/// The servers of `built` are those of `settings`, unless something is wrong with them.
backends::ServerCookiePersistence make_server_cookie(const config::Backend& settings,
                                                     const backends::Backend& built) {
  using Mode = backends::ServerCookiePersistence::Mode;
  const config::ServerCookie& cookie = *settings.persistence->server_cookie;
  backends::ServerCookiePersistence::Settings form;
  form.name = cookie.name;
  form.mode = cookie.mode == config::ServerCookieMode::kInsert    ? Mode::kInsert
              : cookie.mode == config::ServerCookieMode::kRewrite ? Mode::kRewrite
              : cookie.mode == config::ServerCookieMode::kPrefix  ? Mode::kPrefix
                                                                  : Mode::kPassive;
  form.indirect = cookie.indirect;
  form.nocache = cookie.nocache;
  form.postonly = cookie.postonly;
  form.preserve = cookie.preserve;
  form.asks_down = settings.asks_down;
  form.attributes = cookie.attributes;
  form.max_idle = cookie.max_idle;
  form.max_life = cookie.max_life;
  std::vector<backends::ServerCookiePersistence::Member> servers;
  for (std::size_t i = 0; i < built.servers.size(); ++i) {
    const std::string& own = settings.servers[i].cookie;
    const bool is_dynamic = own.empty() && !cookie.dynamic_key.empty();
    servers.push_back({own, built.servers[i]->state, is_dynamic ? cookie.dynamic_key : ""});
  }
  return {std::move(form), std::move(servers)};
}

backends::CookieSecure to_secure(config::CookieSecure secure) {
  switch (secure) {
    case config::CookieSecure::kAlways:
      return backends::CookieSecure::kAlways;
    case config::CookieSecure::kNever:
      return backends::CookieSecure::kNever;
    case config::CookieSecure::kAuto:
      break;
  }
  return backends::CookieSecure::kAuto;
}

std::shared_ptr<StickTable> table_for(const config::PersistenceTable& settings,
                                      const backends::Backend* old) {
  const auto clients = static_cast<std::size_t>(settings.clients);
  const auto* before = old != nullptr && old->persistence != nullptr
                           ? std::get_if<StickPersistence>(old->persistence.get())
                           : nullptr;
  if (before != nullptr && before->header() == settings.header &&
      before->shared_table()->is_of(clients, settings.idle)) {
    return before->shared_table();
  }
  std::random_device device;
  const std::uint64_t seed = std::uint64_t{device()} << 32 | device();
  return std::make_shared<StickTable>(clients, settings.idle, seed);
}

backends::RetrySettings to_retry(const config::Retry& retry) {
  backends::RetrySettings settings;
  settings.attempts = retry.attempts;
  settings.connect_failure = retry.connect_failure;
  settings.empty_response = retry.empty_response;
  settings.response_timeout = retry.response_timeout;
  settings.bad_response = retry.bad_response;
  for (const int status : retry.statuses) settings.statuses.set(static_cast<std::size_t>(status));
  settings.non_idempotent = retry.non_idempotent;
  settings.budget_percent = static_cast<std::uint32_t>(retry.budget_percent);
  settings.redispatch = retry.redispatch;
  settings.stale_connection = retry.stale_connection;
  settings.try_timeout = retry.try_timeout;
  return settings;
}

}  // namespace

void apply_resilience(const config::Backend& settings, backends::Backend& backend) {
  backend.retry = to_retry(settings.retry);
  backend.asks_down = settings.asks_down;
  backend.one_request = settings.connections.one_request;
  backend.name_field = settings.connections.name_field;
  backend.pretends_keep_alive = settings.connections.pretends_keep_alive;
  backend.max_requests = static_cast<std::uint32_t>(settings.max_requests);
  backend.max_connections = static_cast<std::uint32_t>(settings.max_connections);
  backend.queue_timeout = settings.queue.timeout;
  backend.queue_length = static_cast<std::uint32_t>(settings.queue.length);
  backend.body_rate = settings.queue.body_rate;
  backend.slow_start = settings.slow_start;
  backend.can_panic = settings.panic_threshold != 0;
  backend.outlier.consecutive_errors = settings.outlier.enabled ? settings.outlier.consecutive_errors : 0;
  backend.outlier.error_percent =
      settings.outlier.enabled ? static_cast<std::uint32_t>(settings.outlier.error_percent) : 0;
  backend.outlier.least_requests = static_cast<std::uint32_t>(settings.outlier.least_requests);
  backend.outlier.server_errors = settings.outlier.server_errors;
}

void apply_balance(const config::Balance& settings, backends::Backend& backend) {
  static constexpr backends::HashFunction kFunctions[] = {
      backends::HashFunction::kSdbm, backends::HashFunction::kDjb2, backends::HashFunction::kWt6,
      backends::HashFunction::kCrc32};
  backend.method = to_method(settings.kind);
  backend.draws = static_cast<std::uint32_t>(settings.draws);
  backends::HashSettings& hash = backend.hash;
  hash.header = settings.header;
  hash.parameter = settings.parameter;
  hash.domain_only = settings.domain_only;
  hash.uri_length = static_cast<std::uint32_t>(settings.uri_length);
  hash.uri_depth = static_cast<std::uint32_t>(settings.uri_depth);
  hash.uri_query = settings.uri_query;
  hash.uri_path_only = settings.uri_path_only;
  hash.placement = settings.placement == config::HashPlacement::kMap ? backends::HashPlacement::kMap
                   : settings.placement == config::HashPlacement::kRing
                       ? backends::HashPlacement::kRing
                       : backends::HashPlacement::kRendezvous;
  hash.function = kFunctions[static_cast<std::size_t>(settings.function)];
  hash.avalanche = settings.avalanche;
  hash.most_load = static_cast<std::uint32_t>(settings.most_load);
}

std::shared_ptr<const http::CompressionPolicy> make_compression(
    const std::optional<config::Compression>& settings) {
  if (!settings) return nullptr;
  auto policy = std::make_shared<http::CompressionPolicy>();
  for (const config::CompressionAlgorithm algorithm : settings->algorithms) {
    policy->codings.push_back(algorithm == config::CompressionAlgorithm::kBrotli ? http::Coding::kBrotli
                                                                                 : http::Coding::kGzip);
  }
  policy->types = settings->types;
  policy->min_size = settings->min_size;
  policy->gzip_level = settings->gzip_level;
  policy->brotli_quality = settings->brotli_quality;
  policy->hides_accepted = settings->hides_accepted;
  return policy;
}

std::expected<std::shared_ptr<const PersistencePolicy>, std::string> make_persistence(
    const config::Backend& settings, const tls::KeyedHash& process_hash, const backends::Backend* old,
    const backends::Backend& built) {
  if (!settings.persistence) return nullptr;
  if (settings.persistence->server_cookie)
    return std::make_shared<const PersistencePolicy>(make_server_cookie(settings, built));
  std::vector<std::string> servers;
  for (const config::Server& server : settings.servers) servers.push_back(server.name);
  if (const auto& table = settings.persistence->table) {
    return std::make_shared<const PersistencePolicy>(
        StickPersistence(table->header, table_for(*table, old), servers));
  }
  const config::PersistenceCookie& cookie = *settings.persistence->cookie;
  CookiePersistence::Settings form{cookie.name, attributes_of(cookie), to_secure(cookie.secure)};
  if (cookie.key_file.empty()) {
    return std::make_shared<const PersistencePolicy>(
        CookiePersistence(std::move(form), process_hash, settings.name, servers));
  }
  auto key = read_key(cookie.key_file);
  if (!key) return std::unexpected(std::move(key.error()));
  return std::make_shared<const PersistencePolicy>(
      CookiePersistence(std::move(form), tls::KeyedHash(std::move(*key)), settings.name, servers));
}

}  // namespace reseal::runtime
