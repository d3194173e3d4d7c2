#include "lb/rules/expression/not_yet.h"

#include <algorithm>

namespace reseal::rules::expression {
namespace {

constexpr std::string_view kNames[] = {
    // Fetches.
    "cpu_calls",
    "cpu_ns_avg",
    "cpu_ns_tot",
    "dst_conn",
    "fc_conn_err",
    "fc_pp_authority",
    "fc_pp_unique_id",
    "fcgi.docroot",
    "fcgi.index",
    "hdr_names",
    "last_rule_file",
    "last_rule_line",
    "lat_ns_avg",
    "lat_ns_tot",
    "rep_ssl_hello_type",
    "res.len",
    "res.ssl_hello_type",
    "src_port_is_local",
    "ssl_c_ca_err_depth",
    "ssl_c_chain_der",
    "ssl_fc_npn",
    "ssl_fc_protocol_hello_id",
    "ssl_fc_session_key",
    "http_req_cnt",
    // Converters.
    "51d.all",
    "51d.single",
    "default",
    "mqtt_field_value",
    "mqtt_is_valid",
    "param",
    "rfc7239_field",
    "rfc7239_is_valid",
    "rfc7239_n2nn",
    "rfc7239_n2np",
    "rfc7239_nn",
    "rfc7239_np",
    "when",
    "x509_v_err_str",
    "date_ms",
    // Of stick tables: what came with later versions.
    "sc_key",
    "sc_glitch_cnt",
    "sc_glitch_rate",
    "sc0_key",
    "sc0_glitch_cnt",
    "sc0_glitch_rate",
    "sc1_key",
    "sc1_glitch_cnt",
    "sc1_glitch_rate",
    "sc2_key",
    "sc2_glitch_cnt",
    "sc2_glitch_rate",
    "src_glitch_cnt",
    "src_glitch_rate",
    "table_glitch_cnt",
    "table_glitch_rate",
};

/// Families: everything that begins so.
constexpr std::string_view kPrefixes[] = {"bc_",       "bs.",      "capture.", "distcc_",     "fs.",
                                          "internal.", "lua.",     "res.body", "res.payload", "ssl_bc",
                                          "ssl_f_",    "ssl_fc_c", "ssl_fc_e", "ssl_fc_hsk",  "ssl_fc_s",
                                          "ssl_s_",    "txn.",     "accept_"};

}  // namespace

bool is_not_yet(std::string_view name) {
  return std::ranges::find(kNames, name) != std::end(kNames) ||
         std::ranges::any_of(kPrefixes, [name](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace reseal::rules::expression
