// The options that say what the TLS of clients looks like, as `bind` and the lines of a crt-list have them alike.
#pragma once

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Where an option is read from, and into.
struct TlsOptionReader {
  Translator& translator;
  const Line& line;
  std::size_t& word;  ///< of the option; left at its last argument
  config::TlsSettings& settings;
  bool& says_alpn;

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
};

/// Reads the option at `reader.word`. False: it is none of these.
bool read_tls_option(TlsOptionReader& reader);

/// Reports what does not fit together once a line has been read.
void check_tls_settings(Translator& translator, const Line& line, const config::TlsSettings& settings);

}  // namespace reseal::haproxy
