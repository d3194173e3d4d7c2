#include "tls/server_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "tls/client_trust.h"
#include "tls/context_options.h"
#include "tls/pem.h"
#include "tls/server_callbacks.h"

namespace reseal::tls {

namespace {

std::string wire_form(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    wire += static_cast<char>(protocol.size());
    wire += protocol;
  }
  return wire;
}

}  // namespace

/// Makes one ServerContext; collects problems.
class ServerContextBuilder {
 public:
  ServerContextBuilder(const ServerContextOptions& options, std::shared_ptr<TicketKeys> keys)
      : options_(options), context_(new ServerContext) {
    context_->ticket_keys_ = std::move(keys);
    context_->issues_tickets_ = options.session_tickets;
    context_->strict_names_ = options.strict_names;
    // Settings count as inputs too: a change of one makes a new context.
    inputs_ = std::string(options.session_tickets ? "t" : "-") + (options.strict_names ? "s" : "-") +
              (options.client_preference ? "c" : "-") + options.session_id_context + '\0';
    add_input(options);
  }

  std::expected<std::shared_ptr<const ServerContext>, std::vector<TlsProblem>> build(
      const std::shared_ptr<const ServerContext>& previous) {
    for (std::size_t i = 0; i < options_.certificates.size(); ++i)
      read_entry(options_.certificates[i], i, {});
    for (std::size_t i = 0; i < options_.listed.size(); ++i) {
      const ListedCertificate& listed = options_.listed[i];
      read_entry(listed.file, options_.certificates.size() + i, listed);
      for (const std::string& name : listed.names) inputs_ += name + '\0';
      if (listed.settings) add_input(*listed.settings);
    }
    read_trust(options_);
    for (const ListedCertificate& listed : options_.listed) {
      if (listed.settings) read_trust(*listed.settings);
    }
    context_->fingerprint_ = fingerprint(inputs_);
    if (previous != nullptr && problems_.empty() && previous->fingerprint_ == context_->fingerprint_)
      return previous;
    for (Source& source : sources_) parse(source);
    if (sources_.empty() && problems_.empty() && !options_.strict_names)
      report("", 0, "there is no certificate");
    if (problems_.empty()) make_slots();
    if (!problems_.empty()) return std::unexpected(problems_);
    return context_;
  }

 private:
  struct Source {
    std::string file;
    std::size_t index;  // of the entry it came from
    std::string certificate_pem;
    std::string key_pem;
    const ServerSettings* settings;    // of options_
    std::vector<std::string> names{};  // that are said, later that it is presented for
    std::vector<std::string> excluded{};
    CertificateAndKey pair{};

    [[nodiscard]] int kind_of_key() const { return EVP_PKEY_get_base_id(pair.key.get()); }
  };
  /// Certificates that one SSL_CTX holds: indices into sources_, no two with the same kind of key. OpenSSL
  /// presents the one the client can use.
  using Set = std::vector<std::size_t>;

  void report(const std::string& file, std::size_t index, const std::string& message) {
    problems_.push_back({file, index, message});
  }

  void add_input(const ServerSettings& settings) {
    inputs_ += std::to_string(static_cast<int>(settings.min_version)) +
               std::to_string(static_cast<int>(settings.max_version)) + settings.ciphers + '\0' +
               settings.ciphersuites + '\0' + settings.groups + '\0' + wire_form(settings.alpn) + '\0';
  }

  /// Whom clients may come with: each file once.
  void read_trust(const ServerSettings& settings) {
    auto files = ClientTrustFiles::read(settings.clients);
    if (!files) {
      problems_.push_back(files.error());
      return;
    }
    inputs_ += files->inputs();
    trusts_.push_back({&settings, std::move(*files)});
  }

  void read_entry(const std::string& path, std::size_t index, const ListedCertificate& listed) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      read_bundle(path, index, listed);
      return;
    }
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      if (is_wanted(entry.path())) files.push_back(entry.path().string());
    }
    if (error) report(path, index, "the folder cannot be read: " + error.message());
    if (!error && files.empty() && !options_.strict_names)
      report(path, index,
             options_.whole_folders ? "the folder holds no file" : "the folder holds no *.pem file");
    std::ranges::sort(files);
    for (const std::string& file : files) read_source(file, index, listed);
  }

  [[nodiscard]] bool is_wanted(const std::filesystem::path& file) const {
    if (!options_.whole_folders) return file.extension() == ".pem";
    std::error_code error;
    const std::string kind = file.extension().string();
    const bool is_beside = kind == ".issuer" || kind == ".ocsp" || kind == ".sctl" || kind == ".key";
    return !is_beside && std::filesystem::is_regular_file(file, error);
  }

  /// FILE, or where there is none what it stands for: FILE.rsa, FILE.ecdsa and FILE.dsa.
  void read_bundle(const std::string& path, std::size_t index, const ListedCertificate& listed) {
    std::error_code error;
    bool found = false;
    if (!std::filesystem::exists(path, error)) {
      for (const char* kind : {".ecdsa", ".rsa", ".dsa"}) {
        if (!std::filesystem::exists(path + kind, error)) continue;
        read_source(path + kind, index, listed);
        found = true;
      }
    }
    if (!found) read_source(path, index, listed);
  }

  /// The key may stand in the same file, in FILE.key, or in a file of the same name with the extension .key.
  void read_source(const std::string& file, std::size_t index, const ListedCertificate& listed) {
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
    Source source{file, index, std::move(*pem), std::move(key_pem),
                  listed.settings ? &*listed.settings : &options_};
    for (const std::string& name : listed.names) {
      if (name.starts_with('!')) {
        source.excluded.push_back(name.substr(1));
      } else {
        source.names.push_back(name);
      }
    }
    sources_.push_back(std::move(source));
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
    if (!source.names.empty()) return;  // they are said
    source.names = dns_names_of(leaf);
    // The common name may choose which certificate to present; it never verifies anything.
    if (source.names.empty() && !common_name_of(leaf).empty()) source.names.push_back(common_name_of(leaf));
  }

  void warn(const Source& source, const std::string& message) {
    context_->warnings_.push_back({source.file, source.index, message});
  }

  /// Gathers for every name the certificates to choose from, and makes a slot for every different set of them.
  void make_slots() {
    std::map<std::string, Set> by_name;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      bool presented = i == 0;  // the first is the default, names or not
      for (const std::string& name : sources_[i].names) {
        Set& set = by_name[name];
        const auto keeps_out = [&](std::size_t other) {
          return sources_[other].kind_of_key() == sources_[i].kind_of_key() ||
                 *sources_[other].settings != *sources_[i].settings;
        };
        if (std::ranges::any_of(set, keeps_out)) continue;
        set.push_back(i);
        presented = true;
      }
      if (!presented) {
        warn(sources_[i],
             "it is never presented: it carries no name that no earlier certificate with the same kind of "
             "key carries");
      }
    }
    std::map<Set, std::size_t> slots;
    const auto slot_of = [&](const Set& set) {
      const auto [slot, is_new] = slots.emplace(set, context_->slots_.size());
      if (is_new) add_slot(set);
      return slot->second;
    };
    slot_of(default_set(by_name));
    for (const auto& [name, set] : by_name) {
      const std::size_t slot = slot_of(set);
      context_->names_.add(name, slot);
      for (const std::string& excluded : sources_[set.front()].excluded)
        context_->names_.exclude(excluded, slot);
    }
  }

  [[nodiscard]] Set default_set(const std::map<std::string, Set>& by_name) const {
    if (sources_.empty()) return {};
    const std::vector<std::string>& names = sources_.front().names;
    return names.empty() ? Set{0} : by_name.at(names.front());
  }

  /// An SSL_CTX that presents these; none: one that refuses everybody.
  void add_slot(const Set& certificates) {
    const std::size_t index = certificates.empty() ? 0 : sources_[certificates.front()].index;
    const ServerSettings& settings =
        certificates.empty() ? options_ : *sources_[certificates.front()].settings;
    auto made = new_context(*TLS_server_method());
    if (!made) {
      report("", index, made.error());
      return;
    }
    context_->slots_.push_back(std::make_unique<ServerContext::Slot>(
        ServerContext::Slot{context_.get(), std::move(*made), wire_form(settings.alpn), settings.groups,
                            settings.min_version, settings.max_version}));
    ServerContext::Slot& slot = *context_->slots_.back();
    SSL_CTX& context = *slot.context;
    const auto applied = apply_common_options({settings.min_version, settings.max_version, settings.ciphers,
                                               settings.ciphersuites, settings.groups},
                                              context);
    if (!applied) report("", index, applied.error());
    for (const std::size_t certificate : certificates) {
      const Source& source = sources_[certificate];
      if (const auto used = use_pair(source.pair, context); !used)
        report(source.file, source.index, used.error());
    }
    SSL_CTX_set_app_data(&context, &slot);
    set_up_sessions(context, settings);
    set_up_names(context);
    if (offers_protocols()) SSL_CTX_set_alpn_select_cb(&context, ServerCallbacks::on_alpn, nullptr);
    if (options_.client_preference)
      SSL_CTX_clear_options(&context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  }

  /// Sessions, and whom they were made with: one that was begun where less was asked of clients is not resumed where more is.
  void set_up_sessions(SSL_CTX& context, const ServerSettings& settings) {
    const auto trust = std::ranges::find(trusts_, &settings, &Trust::settings);
    if (const auto applied = trust->files.apply(context); !applied) problems_.push_back(applied.error());
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    // 32 bytes, the most OpenSSL takes.
    const std::string asked = trust->files.inputs();
    const std::string id =
        fingerprint(options_.session_id_context + (asked.empty() ? "" : '\0' + fingerprint(asked)));
    SSL_CTX_set_session_id_context(&context, reinterpret_cast<const unsigned char*>(id.data()),
                                   static_cast<unsigned int>(id.size()));
    // TLS 1.3: none by itself at the end of the handshake; the stream sends one with the first data.
    SSL_CTX_set_num_tickets(&context, 0);
    if (options_.session_tickets) {
      SSL_CTX_set_tlsext_ticket_key_evp_cb(&context, ServerCallbacks::on_ticket_key);
    } else {
      SSL_CTX_set_options(&context, SSL_OP_NO_TICKET);
    }
  }

  void set_up_names(SSL_CTX& context) {
    const auto is_own = [](const ListedCertificate& listed) { return listed.settings.has_value(); };
    if (std::ranges::any_of(options_.listed, is_own)) {
      SSL_CTX_set_client_hello_cb(&context, ServerCallbacks::on_client_hello, nullptr);
      SSL_CTX_set_tlsext_servername_callback(&context, ServerCallbacks::keep_server_name);
    } else {
      SSL_CTX_set_tlsext_servername_callback(&context, ServerCallbacks::on_server_name);
    }
  }

  [[nodiscard]] bool offers_protocols() const {
    return !options_.alpn.empty() ||
           std::ranges::any_of(options_.listed, [](const ListedCertificate& listed) {
             return listed.settings && !listed.settings->alpn.empty();
           });
  }

  struct Trust {
    const ServerSettings* settings;
    ClientTrustFiles files;
  };

  const ServerContextOptions& options_;
  std::shared_ptr<ServerContext> context_;
  std::string inputs_;
  std::vector<Source> sources_;
  std::vector<Trust> trusts_;  // of the options and of every listed certificate that has settings
  std::vector<TlsProblem> problems_;
};

std::expected<std::shared_ptr<const ServerContext>, std::vector<TlsProblem>> ServerContext::create(
    const ServerContextOptions& options, std::shared_ptr<TicketKeys> ticket_keys,
    const std::shared_ptr<const ServerContext>& previous) {
  return ServerContextBuilder(options, std::move(ticket_keys)).build(previous);
}

SslPtr ServerContext::new_ssl() const {
  return SslPtr(SSL_new(slots_.front()->context.get()));
}

}  // namespace reseal::tls
