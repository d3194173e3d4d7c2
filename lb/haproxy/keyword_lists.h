// The words of each vocabulary as text, for keywords.cpp alone.
#pragma once

#include <span>
#include <string_view>

#include "lb/haproxy/keywords.h"

namespace reseal::haproxy {

/// Words separated by blanks, each "name", then "/N" if N arguments follow, then "@" and where in a proxy it may
/// stand: d(efaults), n(amed defaults only), f(rontend), l(isten), b(ackend); everywhere without "@". A "!" at the
/// end makes the wrong kind of proxy an error and not only without effect. A name that ends with "*" stands for all
/// that go on with digits ("track-sc*").
struct KeywordList {
  Vocabulary vocabulary;
  std::string_view words;
};

std::span<const KeywordList> configuration_lists();
std::span<const KeywordList> sample_lists();

}  // namespace reseal::haproxy
