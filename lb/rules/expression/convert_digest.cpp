// Converters with OpenSSL's digests and ciphers.
#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/argument_text.h"
#include "lb/rules/expression/base64.h"
#include "lb/rules/expression/converter.h"
#include "tls/aes_gcm.h"
#include "tls/digest.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;
using tls::Digest;

// ---- digests: which one is kept with the first argument

Prepared use_digest(Argument& argument, const std::string& name) {
  const auto digest = Digest::find(name);
  if (!digest) return std::unexpected("'" + shortened(name) + "' is not a digest that is there");
  argument.digest = std::make_shared<const Digest>(*digest);
  return {};
}
/// `sha1` has no argument in the configuration; the one in its signature is filled here.
Prepared prepare_sha1(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].is_given) return std::unexpected("takes no arguments");
  return use_digest(arguments[0], "sha1");
}
Prepared prepare_sha2(std::vector<Argument>& arguments, const Environment&) {
  const std::int64_t bits = arguments[0].is_given ? arguments[0].integer : 256;
  if (bits != 224 && bits != 256 && bits != 384 && bits != 512)
    return std::unexpected("there is no SHA-2 of " + std::to_string(bits) +
                           " bits (accepted: 224, 256, 384 or 512)");
  return use_digest(arguments[0], "sha" + std::to_string(bits));
}
Prepared prepare_digest(std::vector<Argument>& arguments, const Environment&) {
  return use_digest(arguments[0], arguments[0].text);
}
bool apply_digest(const Call& call, Sample& sample) {
  char* out = call.arena.allocate(Digest::kMostBytes);
  const std::size_t size = call.argument(0).digest->hash(sample.text, out);
  sample = Sample::binary({out, size});
  return size > 0;
}

// ---- keys: base64, or the name of a variable that has it

Prepared prepare_key(Argument& argument, const Environment& environment) {
  if (environment.variables != nullptr) {
    if (const auto id = environment.variables->id_of(argument.text)) {
      argument.variable = *id;
      return {};
    }
  }
  BufferPool pool;
  Arena arena(pool);
  const auto bytes = decode_base64(argument.text, Base64::kPadded, arena);
  if (!bytes)
    return std::unexpected("'" + shortened(argument.text) + "' is neither base64 nor a variable's name");
  argument.text = std::string(*bytes);
  return {};
}
std::optional<std::string_view> key_of(const Call& call, std::size_t index) {
  const auto text = argument_text(call, index);
  // What stands in the file itself was decoded when it was read.
  if (!text || !call.argument(index).variable) return text;
  return decode_base64(*text, Base64::kPadded, call.arena);
}

Prepared prepare_hmac(std::vector<Argument>& arguments, const Environment& environment) {
  if (auto done = use_digest(arguments[0], arguments[0].text); !done) return done;
  return prepare_key(arguments[1], environment);
}
bool apply_hmac(const Call& call, Sample& sample) {
  const auto key = key_of(call, 1);
  if (!key) return false;
  char* out = call.arena.allocate(Digest::kMostBytes);
  const std::size_t size = call.argument(0).digest->keyed_hash(*key, sample.text, out);
  sample = Sample::binary({out, size});
  return size > 0;
}

// ---- ciphers

Prepared prepare_cipher(std::vector<Argument>& arguments, const Environment& environment) {
  const std::int64_t bits = arguments[0].integer;
  if (bits != 128 && bits != 192 && bits != 256)
    return std::unexpected("keys have 128, 192 or 256 bits, not " + std::to_string(bits));
  for (const std::size_t index : {1U, 2U}) {
    if (auto done = prepare_key(arguments[index], environment); !done) return done;
  }
  return {};
}
Prepared prepare_encrypt(std::vector<Argument>& arguments, const Environment& environment) {
  if (environment.variables == nullptr) return std::unexpected("variables are not available here");
  const auto id = environment.variables->id_of(arguments[3].text);
  if (!id) return std::unexpected(id.error());
  arguments[3].variable = *id;
  return prepare_cipher(arguments, environment);
}
Prepared prepare_decrypt(std::vector<Argument>& arguments, const Environment& environment) {
  if (auto done = prepare_key(arguments[3], environment); !done) return done;
  return prepare_cipher(arguments, environment);
}

/// The key, if it has as many bits as was said.
std::optional<std::string_view> cipher_key(const Call& call) {
  auto key = key_of(call, 2);
  if (key && static_cast<std::int64_t>(key->size()) * 8 != call.argument(0).integer) key.reset();
  return key;
}
bool apply_aes_gcm_enc(const Call& call, Sample& sample) {
  const auto nonce = key_of(call, 1);
  const auto key = cipher_key(call);
  VariableStore* store = call.context.variables[static_cast<std::size_t>(call.argument(3).variable->scope)];
  if (!nonce || !key || store == nullptr || sample.text.size() > Sample::kMostText) return false;
  char* out = call.arena.allocate(sample.text.size());
  char tag[tls::kAesGcmTag];
  if (!tls::aes_gcm_encrypt(*key, *nonce, sample.text, out, tag)) return false;
  const std::string_view text = encode_base64({tag, sizeof(tag)}, Base64::kPadded, call.arena);
  store->set(call.argument(3).variable->index, Sample::string(text));
  sample = Sample::binary({out, sample.text.size()});
  return true;
}
bool apply_aes_gcm_dec(const Call& call, Sample& sample) {
  const auto nonce = key_of(call, 1);
  const auto key = cipher_key(call);
  const auto tag = key_of(call, 3);
  if (!nonce || !key || !tag || sample.text.size() > Sample::kMostText) return false;
  char* out = call.arena.allocate(sample.text.size());
  if (!tls::aes_gcm_decrypt(*key, *nonce, *tag, sample.text, out)) return false;
  sample = Sample::binary({out, sample.text.size()});
  return true;
}

constexpr ConverterRow kRows[] = {
    {"aes_gcm_dec", "isss", Type::kBinary, Type::kBinary, apply_aes_gcm_dec, prepare_decrypt},
    {"aes_gcm_enc", "isss", Type::kBinary, Type::kBinary, apply_aes_gcm_enc, prepare_encrypt},
    {"digest", "s", Type::kBinary, Type::kBinary, apply_digest, prepare_digest},
    {"hmac", "ss", Type::kBinary, Type::kBinary, apply_hmac, prepare_hmac},
    {"sha1", "?s", Type::kBinary, Type::kBinary, apply_digest, prepare_sha1},
    {"sha2", "?i", Type::kBinary, Type::kBinary, apply_digest, prepare_sha2},
};

}  // namespace

std::span<const ConverterRow> digest_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
