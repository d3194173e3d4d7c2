#include <string>

#include "lb/rules/expression/fetch.h"

namespace reseal::rules::expression {
namespace {

using Table = std::span<const FetchRow> (*)();
constexpr Table kTables[] = {
    body_fetches,        constant_fetches, connection_fetches, tls_fetches,     request_fetches,
    field_fetches,       cookie_fetches,   capture_fetches,    stick_fetches,   credential_fetches,
    proxy_fetches,       socket_fetches,   whole_head_fetches, payload_fetches, client_hello_fetches,
    server_link_fetches, coding_fetches};

}  // namespace

const FetchRow* find_fetch(std::string_view name) {
  for (const Table table : kTables) {
    for (const FetchRow& row : table()) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

std::vector<std::string> fetch_names() {
  std::vector<std::string> names;
  for (const Table table : kTables) {
    for (const FetchRow& row : table()) names.emplace_back(row.name);
  }
  return names;
}

}  // namespace reseal::rules::expression
