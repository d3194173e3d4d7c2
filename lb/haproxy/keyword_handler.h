// A keyword and what reads a line that begins with it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lb/haproxy/keywords.h"
#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

struct KeywordHandler {
  std::string_view name;
  void (*read)(Translator& translator, const Line& line);
  bool negatable = false;  ///< of an option: "no" may take it back
};

/// What one file reads of `defaults`, `frontend`, `backend` and `listen`.
struct KeywordTable {
  std::span<const KeywordHandler> keywords;
  /// `option NAME` and `no option NAME`; which of them it was is the line's first word.
  std::span<const KeywordHandler> options;
};
KeywordTable balance_keywords();
KeywordTable capture_keywords();
KeywordTable check_keywords();
KeywordTable error_keywords();
KeywordTable connection_keywords();
KeywordTable cookie_keywords();
KeywordTable handover_keywords();
KeywordTable log_keywords();
KeywordTable message_keywords();
KeywordTable proxy_keywords();
KeywordTable rule_keywords();
KeywordTable stats_keywords();
KeywordTable stick_keywords();
/// Each of them.
std::vector<KeywordTable> proxy_keyword_tables();
/// Keywords of `global`.
std::span<const KeywordHandler> global_keywords();
std::span<const KeywordHandler> process_keywords();

/// An option of a `bind` or `server` line that none of its readers knows: HAProxy's, and not there yet, or nobody's.
void report_unknown_option(Translator& translator, const Line& line, std::size_t word,
                           const std::string& owner, Vocabulary options);

/// Why a keyword that HAProxy knows does nothing here although nothing is wrong with it; empty if it must not be passed over.
std::string_view why_without_effect(std::string_view first, std::string_view second);

/// Reads the line by the handler of its keyword. What HAProxy does not know is told as that; what has no handler as without
/// effect, or as not there yet.
void read_line(Translator& translator, const Section& section, const Line& line);

}  // namespace reseal::haproxy
