#include "tls/certificate_store.h"

#include "lb/base/text.h"

namespace reseal::tls {

void CertificateStore::add(const std::string& name, std::size_t certificate) {
  names_.emplace(name, certificate);
}

std::size_t CertificateStore::find(std::string_view server_name, std::size_t otherwise) const {
  std::string name = lowered(server_name);
  if (name.ends_with('.')) name.pop_back();
  if (const auto exact = names_.find(name); exact != names_.end()) return exact->second;
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos || dot == 0) return otherwise;
  const auto wildcard = names_.find("*" + name.substr(dot));
  if (wildcard == names_.end()) return otherwise;
  return excluded_.contains({name, wildcard->second}) ? otherwise : wildcard->second;
}

}  // namespace reseal::tls
