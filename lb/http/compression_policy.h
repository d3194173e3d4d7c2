// Which responses are compressed, for whom, and what their heads say then. Works on the neutral form, so it
// holds for every protocol pair. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lb/http/coding.h"

namespace reseal::http {

/// What a backend's configuration says of compression. Immutable; shared.
struct CompressionPolicy {
  std::vector<Coding> codings;  ///< offered, the preferred one first
  std::vector<std::string>
      types;  ///< media types in lower case: "text/html", "text/*" for all of a kind, "*/*"
  std::uint64_t min_size = 1024;  ///< bytes; a response that is known to be shorter stays as it is
  int gzip_level = 3;
  int brotli_quality = 3;
  bool hides_accepted = false;  ///< Accept-Encoding does not reach servers

  [[nodiscard]] int level(Coding coding) const {
    return coding == Coding::kBrotli ? brotli_quality : gzip_level;
  }
};

/// The coding that this response is to get: kIdentity for whatever has no body, is only a part (206), is coded
/// already, must not be transformed (no-transform, a digest of its bytes), is tiny or of another type, and for
/// clients that do not take any. A response of a type that is compressed gets `Vary: Accept-Encoding` in
/// either case, and the ETag of a 304 becomes weak if that is how the client knows it. HEAD is answered as GET
/// would be.
Coding choose_coding(const CompressionPolicy& policy, const RequestHead& request, ResponseHead& response);

/// The head of a response whose body is sent in `coding` (not kIdentity): Content-Encoding, no length, no
/// byte ranges, a weak ETag (RFC 9110 8.8.1: the bytes are not the server's any more).
void state_coding(Coding coding, Method request_method, ResponseHead& response);

}  // namespace reseal::http
