// One message as llhttp reads it, for comparison. Tests only.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reseal::http::test {

struct LlhttpMessage {
  bool refused = false;
  bool head_complete = false;
  bool complete = false;
  std::string error;  ///< llhttp's name of the error, when refused
  std::string method;
  std::string target;
  int status = 0;
  int minor_version = 0;
  std::vector<std::pair<std::string, std::string>>
      fields;  ///< of the head; values without blanks around them
  bool chunked = false;
  bool has_length = false;
  unsigned long long length = 0;
  std::string body;
  std::size_t consumed = 0;  ///< when complete
};

enum class LlhttpKind { kRequest, kResponse, kResponseToHead };

/// Reads the first message of `bytes`, strictly, without any of llhttp's lenient flags.
LlhttpMessage read_with_llhttp(std::string_view bytes, LlhttpKind kind);

}  // namespace reseal::http::test
