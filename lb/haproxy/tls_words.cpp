#include "lb/haproxy/tls_words.h"

namespace reseal::haproxy {

using config::TlsVersion;

TlsVersion tls_version(Translator& translator, const Line& line, std::size_t word) {
  const std::string name = translator.argument(line, word, "TLSv1.2 or TLSv1.3");
  if (name == "TLSv1.3") return TlsVersion::kTls13;
  if (name == "SSLv3" || name == "TLSv1.0" || name == "TLSv1.1") {
    translator.notice(line, name + " is not spoken here: TLSv1.2 is the oldest");
  } else if (name != "TLSv1.2" && !name.empty()) {
    translator.error(line, word, "'" + name + "' is no version of TLS: TLSv1.2 or TLSv1.3 is expected");
  }
  return TlsVersion::kTls12;
}

bool read_version_word(Translator& translator, const Line& line, std::size_t word, TlsVersion& least,
                       TlsVersion& most) {
  const std::string& name = line.words[word].text;
  if (name == "no-sslv3" || name == "no-tlsv10" || name == "no-tlsv11") return true;  // never spoken
  if (name == "no-tlsv12") {
    least = TlsVersion::kTls13;
  } else if (name == "no-tlsv13") {
    most = TlsVersion::kTls12;
  } else if (name == "force-tlsv12" || name == "force-tlsv13") {
    least = most = name == "force-tlsv12" ? TlsVersion::kTls12 : TlsVersion::kTls13;
  } else if (name == "force-sslv3" || name == "force-tlsv10" || name == "force-tlsv11") {
    translator.error(line, word, "'" + name + "': reseal speaks TLSv1.2 and TLSv1.3 only");
  } else {
    return false;
  }
  return true;
}

void check_versions(Translator& translator, const Line& line, TlsVersion least, TlsVersion most) {
  if (least > most)
    translator.error(line, 0, "no version of TLS is left: the least is TLSv1.3 and the most TLSv1.2");
}

}  // namespace reseal::haproxy
