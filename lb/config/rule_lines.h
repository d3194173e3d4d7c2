// Rules in HAProxy's language as they were written: words, and where each stands. What they mean is found out when a
// generation is built, which also reads the files that they name. Plain values.
#pragma once

#include <string>
#include <vector>

#include "lb/config/place.h"

namespace reseal::config {

struct RuleLine {
  std::vector<std::string> words;
  std::vector<Place> places;  ///< of each word
  bool operator==(const RuleLine&) const = default;
};

/// Those of one proxy section, each list in order. The word that names the list ("http-request") is not among the words.
struct RuleLines {
  bool buffers_body = false;  ///< rules of http_request wait for bodies
  std::vector<RuleLine> acls;
  std::vector<RuleLine> tcp_connection, tcp_session, tcp_content;
  std::vector<RuleLine> tcp_response;  ///< content
  std::vector<RuleLine> http_request, redirect, http_response, http_after_response;
  std::vector<RuleLine> handover;  ///< what is done to a request after all these, before a server gets it
  std::vector<RuleLine> use_backend;
  std::vector<RuleLine> use_server;
  std::vector<RuleLine> persist;  ///< from `force-persist`, `ignore-persist` or `persist` (rdp-cookie) on
  std::vector<RuleLine> balance_hash;  ///< none or one: an expression
  bool operator==(const RuleLines&) const = default;
};

/// Of `redirect`, where to is no format in a haproxy.cfg: a '%' there is doubled, so that it stands for itself in one.
void double_percents(RuleLine& redirect);
/// As it was before.
void single_percents(RuleLine& redirect);

}  // namespace reseal::config
