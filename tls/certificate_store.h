// Which certificate is presented for which server name: exact name, then wildcard, then the first
// certificate. Pure; immutable after filling; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace reseal::tls {

class CertificateStore {
 public:
  /// `name` is lower case; "*.example.org" covers exactly one label. The first certificate to claim a name
  /// keeps it.
  void add(const std::string& name, std::size_t certificate);
  /// A wildcard of this certificate does not take this name.
  void exclude(const std::string& name, std::size_t certificate) { excluded_.emplace(name, certificate); }
  /// Index of the certificate for the SNI name `server_name` (any case); `otherwise` when no name fits.
  [[nodiscard]] std::size_t find(std::string_view server_name, std::size_t otherwise) const;

 private:
  std::map<std::string, std::size_t, std::less<>> names_;
  std::set<std::pair<std::string, std::size_t>> excluded_;
};

}  // namespace reseal::tls
