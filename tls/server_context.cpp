#include "tls/server_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "tls/context_options.h"
#include "tls/pem.h"

namespace reseal::tls {

/// OpenSSL's callbacks; each finds its ServerContext in the SSL_CTX.
struct ServerCallbacks {
  static const ServerContext& context_of(SSL* ssl) {
    return *static_cast<const ServerContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  }

  static int on_server_name(SSL* ssl, int*, void*) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    const ServerContext& context = context_of(ssl);
    SSL_set_SSL_CTX(ssl, context.contexts_[context.names_.find(name, 0)].get());
    return SSL_TLSEXT_ERR_OK;
  }

  static int on_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* length,
                     const unsigned char* offered, unsigned int offered_length, void*) {
    const std::string& ours = context_of(ssl).alpn_;
    // OpenSSL's signature is not const-correct: *out points into one of the two lists.
    unsigned char* out = nullptr;
    const int status =
        SSL_select_next_proto(&out, length, reinterpret_cast<const unsigned char*>(ours.data()),
                              static_cast<unsigned int>(ours.size()), offered, offered_length);
    *chosen = out;
    // A client that speaks none of ours is refused (RFC 7301 3.2), which also stops cross-protocol attacks.
    return status == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  static int on_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                           EVP_MAC_CTX* mac, int seal) {
    return context_of(ssl).ticket_keys_->prepare(name, iv, cipher, mac, seal != 0);
  }
};

/// Makes one ServerContext; collects problems.
class ServerContextBuilder {
 public:
  ServerContextBuilder(const ServerContextOptions& options, std::shared_ptr<TicketKeys> keys)
      : options_(options), context_(new ServerContext) {
    context_->ticket_keys_ = std::move(keys);
    context_->issues_tickets_ = options.session_tickets;
    for (const std::string& protocol : options.alpn) {
      context_->alpn_ += static_cast<char>(protocol.size());
      context_->alpn_ += protocol;
    }
    // Settings count as inputs too: a change of one makes a new context.
    inputs_ = std::to_string(static_cast<int>(options.min_version)) +
              std::to_string(static_cast<int>(options.max_version)) + (options.session_tickets ? "t" : "-") +
              '\0' + options.ciphers + '\0' + options.ciphersuites + '\0' + context_->alpn_ + '\0' +
              options.session_id_context + '\0';
  }

  std::expected<std::shared_ptr<const ServerContext>, std::vector<TlsProblem>> build(
      const std::shared_ptr<const ServerContext>& previous) {
    for (std::size_t i = 0; i < options_.certificates.size(); ++i) read_entry(options_.certificates[i], i);
    context_->fingerprint_ = fingerprint(inputs_);
    if (previous != nullptr && problems_.empty() && previous->fingerprint_ == context_->fingerprint_)
      return previous;
    for (Source& source : sources_) parse(source);
    if (sources_.empty() && problems_.empty()) report("", 0, "there is no certificate");
    if (problems_.empty()) make_contexts();
    if (!problems_.empty()) return std::unexpected(problems_);
    return context_;
  }

 private:
  struct Source {
    std::string file;
    std::size_t index;  // of the entry it came from
    std::string certificate_pem;
    std::string key_pem;
    CertificateAndKey pair{};
    std::vector<std::string> names{};

    [[nodiscard]] int kind_of_key() const { return EVP_PKEY_get_base_id(pair.key.get()); }
  };
  /// Certificates that one SSL_CTX holds: indices into sources_, no two with the same kind of key. OpenSSL
  /// presents the one the client can use.
  using Set = std::vector<std::size_t>;

  void report(const std::string& file, std::size_t index, const std::string& message) {
    problems_.push_back({file, index, message});
  }

  void read_entry(const std::string& path, std::size_t index) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      read_source(path, index);
      return;
    }
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      if (entry.path().extension() == ".pem") files.push_back(entry.path().string());
    }
    if (error) report(path, index, "the folder cannot be read: " + error.message());
    if (!error && files.empty()) report(path, index, "the folder holds no *.pem file");
    std::ranges::sort(files);
    for (const std::string& file : files) read_source(file, index);
  }

  /// The key may stand in the same file, in FILE.key, or in a file of the same name with the extension .key.
  void read_source(const std::string& file, std::size_t index) {
    auto pem = read_file(file);
    if (!pem) {
      report(file, index, pem.error());
      return;
    }
    std::string key_pem = *pem;
    if (pem->find("PRIVATE KEY-----") == std::string::npos) {
      const std::string behind = file + ".key";
      const std::string beside = std::filesystem::path(file).replace_extension(".key").string();
      auto key = read_file(behind);
      const std::string why_not = behind + " " + (key ? "" : key.error());
      if (!key && beside != file) key = read_file(beside);
      if (!key) {
        // What is no certificate is told as that: nobody needs its key.
        const auto certificates = parse_certificates(*pem);
        report(file, index,
               certificates ? "no private key in it; " + why_not + "; " + beside + " " + key.error()
                            : certificates.error());
        return;
      }
      key_pem = *key;
    }
    inputs_ += file + '\0' + *pem + '\0' + key_pem + '\0';
    sources_.push_back({file, index, std::move(*pem), std::move(key_pem)});
  }

  void parse(Source& source) {
    auto pair = parse_pair(source.certificate_pem, source.key_pem);
    if (!pair) {
      report(source.file, source.index, pair.error());
      return;
    }
    source.pair = std::move(*pair);
    const X509& leaf = *source.pair.chain.front();
    if (is_expired(leaf)) warn(source, "it expired on " + not_after_of(leaf));
    source.names = dns_names_of(leaf);
    // The common name may choose which certificate to present; it never verifies anything.
    if (source.names.empty() && !common_name_of(leaf).empty()) source.names.push_back(common_name_of(leaf));
  }

  void warn(const Source& source, const std::string& message) {
    context_->warnings_.push_back({source.file, source.index, message});
  }

  /// Gathers for every name the certificates to choose from, and makes an SSL_CTX for every different set of
  /// them.
  void make_contexts() {
    std::map<std::string, Set> by_name;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      bool presented = i == 0;  // the first is the default, names or not
      for (const std::string& name : sources_[i].names) {
        Set& set = by_name[name];
        const auto same_kind = [&](std::size_t other) {
          return sources_[other].kind_of_key() == sources_[i].kind_of_key();
        };
        if (std::ranges::any_of(set, same_kind)) continue;
        set.push_back(i);
        presented = true;
      }
      if (!presented) {
        warn(sources_[i],
             "it is never presented: it carries no name that no earlier certificate with the same kind of "
             "key carries");
      }
    }
    const std::vector<std::string>& first_names = sources_.front().names;
    std::map<Set, std::size_t> slots;
    const auto slot_of = [&](const Set& set) {
      const auto [slot, is_new] = slots.emplace(set, context_->contexts_.size());
      if (is_new) context_->contexts_.push_back(context_for(set));
      return slot->second;
    };
    slot_of(first_names.empty() ? Set{0} : by_name[first_names.front()]);
    for (const auto& [name, set] : by_name) context_->names_.add(name, slot_of(set));
  }

  SslCtxPtr context_for(const Set& certificates) {
    auto made = new_context(*TLS_server_method());
    if (!made) {
      report("", sources_[certificates.front()].index, made.error());
      return nullptr;
    }
    SslCtxPtr context = std::move(*made);
    const auto applied = apply_common_options(
        {options_.min_version, options_.max_version, options_.ciphers, options_.ciphersuites}, *context);
    if (!applied) {
      report("", sources_[certificates.front()].index, applied.error());
      return context;
    }
    for (const std::size_t certificate : certificates) {
      const Source& source = sources_[certificate];
      if (const auto used = use_pair(source.pair, *context); !used)
        report(source.file, source.index, used.error());
    }
    SSL_CTX_set_app_data(context.get(), context_.get());
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    const std::string id = fingerprint(options_.session_id_context);  // 32 bytes, the most OpenSSL takes
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(id.data()),
                                   static_cast<unsigned int>(id.size()));
    SSL_CTX_set_tlsext_servername_callback(context.get(), ServerCallbacks::on_server_name);
    if (!context_->alpn_.empty())
      SSL_CTX_set_alpn_select_cb(context.get(), ServerCallbacks::on_alpn, nullptr);
    // TLS 1.3: none by itself at the end of the handshake; the stream sends one with the first data.
    SSL_CTX_set_num_tickets(context.get(), 0);
    if (options_.session_tickets) {
      SSL_CTX_set_tlsext_ticket_key_evp_cb(context.get(), ServerCallbacks::on_ticket_key);
    } else {
      SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    }
    return context;
  }

  const ServerContextOptions& options_;
  std::shared_ptr<ServerContext> context_;
  std::string inputs_;
  std::vector<Source> sources_;
  std::vector<TlsProblem> problems_;
};

std::expected<std::shared_ptr<const ServerContext>, std::vector<TlsProblem>> ServerContext::create(
    const ServerContextOptions& options, std::shared_ptr<TicketKeys> ticket_keys,
    const std::shared_ptr<const ServerContext>& previous) {
  return ServerContextBuilder(options, std::move(ticket_keys)).build(previous);
}

SslPtr ServerContext::new_ssl() const {
  return SslPtr(SSL_new(contexts_.front().get()));
}

}  // namespace reseal::tls
