// Lists of certificates that are not to be accepted any more. Only for .cpp files of this folder.
#pragma once

#include <expected>
#include <string>

struct x509_store_st;

namespace reseal::tls {

/// From now on `store` asks the lists in `pem` for every certificate of a chain, and accepts none whose issuer has no list
/// there. The error says what is wrong with it.
std::expected<void, std::string> add_revocations(const std::string& pem, x509_store_st& store);

}  // namespace reseal::tls
