// The fetches: where an expression's first value comes from. One row and one function for each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/call.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

struct FetchRow {
  std::string_view name;
  /// The arguments in order, a letter each (argument_parser.h); those behind '?' may be left out.
  std::string_view signature;
  Type out;
  std::uint8_t needs;  ///< Needs
  /// False: there is no value.
  bool (*fetch)(const Call& call, Sample& out);
  Prepare prepare = nullptr;
};

/// Null if there is none of that name.
const FetchRow* find_fetch(std::string_view name);
/// Every fetch's name.
std::vector<std::string> fetch_names();

// The tables, by what they look at; find_fetch looks into each.
std::span<const FetchRow> body_fetches();
std::span<const FetchRow> constant_fetches();
std::span<const FetchRow> connection_fetches();
std::span<const FetchRow> tls_fetches();
std::span<const FetchRow> request_fetches();
std::span<const FetchRow> field_fetches();
std::span<const FetchRow> cookie_fetches();
std::span<const FetchRow> capture_fetches();
std::span<const FetchRow> stick_fetches();
std::span<const FetchRow> credential_fetches();
std::span<const FetchRow> proxy_fetches();
std::span<const FetchRow> socket_fetches();
std::span<const FetchRow> server_link_fetches();
std::span<const FetchRow> coding_fetches();
std::span<const FetchRow> whole_head_fetches();
std::span<const FetchRow> payload_fetches();
std::span<const FetchRow> client_hello_fetches();

}  // namespace reseal::rules::expression
