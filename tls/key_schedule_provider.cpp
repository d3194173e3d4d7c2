#include "tls/key_schedule_provider.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <array>
#include <memory>

#include "tls/key_schedule.h"

namespace reseal::tls {
namespace {

/// What OpenSSL asks for in one call.
struct Asked {
  const OSSL_PARAM* parameters;

  [[nodiscard]] Bytes bytes(const char* name) const {
    const OSSL_PARAM* found = OSSL_PARAM_locate_const(parameters, name);
    if (found == nullptr || found->data == nullptr) return {};
    return {static_cast<const unsigned char*>(found->data), found->data_size};
  }
  [[nodiscard]] std::string_view text(const char* name) const {
    const Bytes found = bytes(name);
    return {reinterpret_cast<const char*>(found.data()), found.size()};
  }
  [[nodiscard]] int number(const char* name) const {
    const OSSL_PARAM* found = OSSL_PARAM_locate_const(parameters, name);
    int value = -1;
    return found != nullptr && OSSL_PARAM_get_int(found, &value) == 1 ? value : -1;
  }
};

/// The next secret of the schedule: the one before, if any, is first turned into a salt (RFC 8446 7.1).
bool next_secret(const KeySchedule& schedule, const Asked& asked, std::span<unsigned char> out) {
  if (out.size() != schedule.hash_size()) return false;
  const Bytes before = asked.bytes(OSSL_KDF_PARAM_SALT);
  const Bytes key = asked.bytes(OSSL_KDF_PARAM_KEY);
  if (before.empty()) {
    schedule.extract({}, key, out.data());
    return true;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> salt;
  const std::span<unsigned char> salted(salt.data(), schedule.hash_size());
  const bool derived =
      schedule.expand_label(before, asked.text(OSSL_KDF_PARAM_PREFIX), asked.text(OSSL_KDF_PARAM_LABEL),
                            schedule.hash_of_nothing(), salted);
  if (derived) schedule.extract(salted, key, out.data());
  OPENSSL_cleanse(salt.data(), salt.size());
  return derived;
}

bool derive(const Asked& asked, std::span<unsigned char> out) {
  const KeySchedule* schedule = KeySchedule::of(asked.text(OSSL_KDF_PARAM_DIGEST));
  if (schedule == nullptr) return false;
  switch (asked.number(OSSL_KDF_PARAM_MODE)) {
    case EVP_KDF_HKDF_MODE_EXTRACT_ONLY:
      return next_secret(*schedule, asked, out);
    case EVP_KDF_HKDF_MODE_EXPAND_ONLY:
      return schedule->expand_label(asked.bytes(OSSL_KDF_PARAM_KEY), asked.text(OSSL_KDF_PARAM_PREFIX),
                                    asked.text(OSSL_KDF_PARAM_LABEL), asked.bytes(OSSL_KDF_PARAM_DATA), out);
    default:
      return false;
  }
}

// Everything comes with the call to derive: there is nothing to keep, and a context is any pointer but null.
void* make_context(void* provider) {
  return provider;
}
void drop_context(void*) {}
int derive_now(void*, unsigned char* out, std::size_t size, const OSSL_PARAM parameters[]) {
  return derive({parameters}, {out, size}) ? 1 : 0;
}

using AnyFunction = void (*)();
template <typename Function>
AnyFunction any(Function* function) {
  return reinterpret_cast<AnyFunction>(function);
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
  static const OSSL_DISPATCH kFunctions[] = {{OSSL_FUNC_KDF_NEWCTX, any(make_context)},
                                             {OSSL_FUNC_KDF_FREECTX, any(drop_context)},
                                             {OSSL_FUNC_KDF_DERIVE, any(derive_now)},
                                             {0, nullptr}};
  static const OSSL_ALGORITHM kAlgorithms[] = {
      {OSSL_KDF_NAME_TLS1_3_KDF, "provider=reseal,reseal.schedule=yes", kFunctions, "RFC 8446 7.1"},
      {nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  return operation == OSSL_OP_KDF ? kAlgorithms : nullptr;
}

int init(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
  static const OSSL_DISPATCH kProvider[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, any(query)}, {0, nullptr}};
  *out = kProvider;
  *context = const_cast<OSSL_CORE_HANDLE*>(core);  // never looked at
  return 1;
}

struct Unload {
  void operator()(OSSL_PROVIDER* provider) const { OSSL_PROVIDER_unload(provider); }
};

OSSL_PROVIDER* load_provider() {
  if (OSSL_PROVIDER_available(nullptr, "fips") == 1) return nullptr;
  // Without a query OpenSSL takes the implementation that it has known for longest: let that be its own.
  EVP_KDF_free(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_3_KDF, nullptr));
  if (OSSL_PROVIDER_add_builtin(nullptr, "reseal", init) != 1) return nullptr;
  return OSSL_PROVIDER_try_load(nullptr, "reseal", 1);
}

}  // namespace

void install_key_schedule() {
  // Made after OpenSSL has set itself up, and so gone before it cleans up.
  static const std::unique_ptr<OSSL_PROVIDER, Unload> kLoaded(load_provider());
}

}  // namespace reseal::tls
