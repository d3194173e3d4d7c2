// What reseal's expressions make of a request: a JSON object on standard input, one on standard output.
//   in:  {"request": "GET / ...", "response": "HTTP/1.1 ..." or "", "client": "127.0.0.1", "local": "127.0.0.1", "port": 80, "frontend": "web",
//         "files": {"path": "content"}, "acls": [["name", "path", "/"]],
//         "formats": ["%[path]"], "conditions": [["if", "name"]]}
//   out: {"formats": ["/"], "conditions": [true]}; what does not compile is {"error": "..."} in its place
// Bytes beyond ASCII are characters U+0080 to U+00FF, as Python's latin-1 has it.
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "lb/http/h1_parser.h"
#include "lb/rules/expression/compiler.h"
#include "lb/rules/expression/pattern_file.h"

namespace reseal::rules::expression {
namespace {

using Json = nlohmann::json;

std::string bytes_of(const std::string& utf8) {
  std::string bytes;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    bytes += c < 0x80 ? utf8[i] : static_cast<char>((c & 3) << 6 | (utf8[++i] & 0x3f));
  }
  return bytes;
}
std::string utf8_of(std::string_view bytes) {
  std::string utf8;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) utf8 += static_cast<char>(0xc0 | byte >> 6);
    utf8 += byte < 0x80 ? c : static_cast<char>(0x80 | (byte & 0x3f));
  }
  return utf8;
}

class Files : public FileReader {
 public:
  explicit Files(const Json& files) {
    for (const auto& [path, text] : files.items()) files_[path] = bytes_of(text);
  }
  std::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::unexpected("no such file");
    return found->second;
  }

 private:
  std::map<std::string, std::string> files_;
};

std::vector<std::string> words_of(const Json& list) {
  std::vector<std::string> words;
  for (const auto& word : list) words.push_back(bytes_of(word));
  return words;
}

Json failure(const CompileError& error) {
  return {{"error", utf8_of(error.message)}};
}

int run(const Json& in) {
  BufferPool pool;
  http::RequestHead head(pool);
  const std::string request = bytes_of(in["request"]);
  if (!http::parse_request_head(request, {}, head)) {
    std::cerr << "the request is refused\n";
    return 1;
  }
  http::ResponseHead response(pool);
  const std::string answer = bytes_of(in["response"]);
  if (!answer.empty() && !http::parse_response_head(answer, {}, http::Method::kGet, response)) {
    std::cerr << "the response is refused\n";
    return 1;
  }
  Files files(in["files"]);
  PatternFiles pattern_files;
  VariableNames names;
  Environment environment;
  environment.variables = &names;
  environment.files = &files;
  environment.pattern_files = &pattern_files;
  environment.hostname = "host.example";
  Compiler compiler(environment);
  for (const auto& acl : in["acls"]) {
    if (const auto done = compiler.declare_acl(words_of(acl)); !done) {
      std::cerr << acl << ": " << done.error().message << '\n';
      return 1;
    }
  }
  const auto client = net::Address::parse(std::string(in["client"]), 40000);
  const auto local = net::Address::parse(std::string(in["local"]), in["port"]);
  SampleContext context;
  context.request = &head;
  if (!answer.empty()) {
    context.response = &response;
    context.phase = Phase::kResponse;
  }
  context.client = &*client;
  context.local = &*local;
  const std::string frontend = in["frontend"];
  context.frontend = frontend;
  Arena values(pool);
  VariableStore transaction(VariableNames::kMostNames, values);
  context.variables[static_cast<std::size_t>(Scope::kTransaction)] = &transaction;
  Json out = {{"formats", Json::array()}, {"conditions", Json::array()}};
  Arena arena(pool);
  for (const auto& text : in["formats"]) {
    const auto format = compiler.format(bytes_of(text));
    out["formats"].push_back(format ? Json(utf8_of(format->render(context, arena)))
                                    : failure(format.error()));
  }
  for (const auto& words : in["conditions"]) {
    const auto condition = compiler.condition(words_of(words));
    out["conditions"].push_back(condition ? Json(condition->holds(context, arena))
                                          : failure(condition.error()));
  }
  std::cout << out.dump() << '\n';
  return 0;
}

}  // namespace
}  // namespace reseal::rules::expression

int main() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  return reseal::rules::expression::run(nlohmann::json::parse(text));
}
