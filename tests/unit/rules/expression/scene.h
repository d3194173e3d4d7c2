// A request with its answer and surroundings, and what expressions make of them.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "lb/http/message.h"
#include "lb/rules/expression/compiler.h"
#include "lb/rules/expression/pattern_file.h"
#include "lb/rules/expression/proxy_state.h"
#include "lb/rules/expression/server_link.h"
#include "lb/rules/expression/user_list.h"
#include "tls/client_hello.h"

namespace reseal::rules::expression {

/// Files that are only in memory.
class MemoryFiles : public FileReader {
 public:
  std::map<std::string, std::string> files;
  std::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected("no such file");
    return found->second;
  }
};

inline const char* environment_of_test(const char* name) {
  return std::string_view(name) == "COLOUR" ? "blue" : nullptr;
}

/// The frontend "web", the backend "app" and its server "s1"; their figures are the numbers of Figure, from 1.
class OneOfEach : public ProxyFinder {
 public:
  struct State : ProxyState {
    std::optional<std::int64_t> figure(Figure figure) const override {
      return static_cast<std::int64_t>(figure) + 1;
    }
  };
  std::shared_ptr<const ProxyState> backend(std::string_view name) const override {
    return name.empty() || name == "app" ? state : nullptr;
  }
  std::shared_ptr<const ProxyState> frontend(std::string_view name) const override {
    return name.empty() || name == "web" ? state : nullptr;
  }
  std::shared_ptr<const ProxyState> server(std::string_view name) const override {
    return server_of("app", name);
  }
  std::shared_ptr<const ProxyState> server_of(std::string_view backend,
                                              std::string_view name) const override {
    return name == "app/s1" || (backend == "app" && name == "s1") ? state : nullptr;
  }
  std::shared_ptr<const ProxyState> state = std::make_shared<State>();
};

/// "staff", with alice, who is an admin.
class Staff : public UserListFinder {
 public:
  Staff() { list->add_plain("alice", "secret", {"admins"}); }
  std::shared_ptr<const UserList> find(std::string_view name) const override {
    return name == "staff" ? list : nullptr;
  }
  std::shared_ptr<UserList> list = std::make_shared<UserList>();
};

/// From 10.9.9.9 to 10.8.8.8, in TLS and HTTP/2.
class OneLink final : public ServerLink {
 public:
  std::optional<ServerLinkFacts> facts() const override {
    return ServerLinkFacts{&local, &peer, 2,
                           ServerLinkFacts::Tls{"TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", "h2", 256, true}};
  }
  net::Address local = *net::Address::parse("10.9.9.9", 50000);
  net::Address peer = *net::Address::parse("10.8.8.8", 8443);
};

class Scene {
 public:
  Scene() : request(pool), response(pool), arena(pool), values(pool) {
    request.method_text = "GET";
    request.target = "/a/b.html?x=1&y=two";
    request.authority = "www.example.com";
    request.add(http::FieldName::kHost, "Host", "www.example.com");
    request.add(http::FieldName::kCookie, "Cookie", "sid=abc; n=7");
    request.add(http::FieldName::kOther, "X-List", "one, 2");
    request.add(http::FieldName::kOther, "X-Ip", "192.0.2.9");
    request.add(http::FieldName::kOther, "Authorization", "Basic YWxpY2U6c2VjcmV0");
    request.add(http::FieldName::kOther, "X-Token", "Bearer abc");
    response.status = 302;
    response.add(http::FieldName::kSetCookie, "Set-Cookie", "sid=def; Path=/");
    response.add(http::FieldName::kOther, "X-List", "three, 4");
    response.add(http::FieldName::kOther, "X-Ip", "192.0.2.8");
    client = *net::Address::parse("10.1.2.3", 40000);
    local = *net::Address::parse("2001:db8::1", 443);
    tls.version = "TLSv1.3";
    tls.cipher = "TLS_AES_128_GCM_SHA256";
    tls.sni = "sni.example";
    tls.alpn = "h2";
    tls.key_bits = 128;
    tls.is_resumed = true;
    tls.session_id = "\x01\x02";
    tls.unique_id = "\x03";
    tls.client = {true,   false,  0,      subject, issuer,   "\x0a\x0b", "\x0c",
                  "\x30", "2601", "2701", "rsa",   "sha256", 3};
    context.request = &request;
    context.response = &response;
    context.client = &client;
    context.local = &local;
    context.tls = &tls;
    hello.sent_name = "Hello.example";
    hello.alpn = "\x02h2\x08http/1.1";
    hello.legacy_version = 0x0303;
    hello.ticket = tls::ClientHello::Ticket::kSent;
    hello.names_groups = true;
    hello.ciphers = "AB";
    hello.groups = "CD";
    hello.signatures = "EF";
    hello.key_shares = "GH";
    context.hello = &hello;
    context.received_target = "/received";
    socket.peer = &client;
    socket.local = &local;
    socket.bind = 2;
    socket.bind_name = "here";
    context.socket = &socket;
    context.frontend_facts = &frontend_facts;
    context.backend_facts = &backend_facts;
    context.server_id = 3;
    context.server_link = &link;
    context.coding = "gzip";
    context.frontend = "web";
    context.backend = "app";
    context.server = "s1";
    context.unique_id = "id-1";
    context.captured_request = captured_request;
    context.captured_response = captured_response;
    context.now_microseconds = 1'700'000'000'123'456;
    context.random = &random;
    context.variables[static_cast<std::size_t>(Scope::kTransaction)] = &transaction;
    environment.variables = &names;
    environment.files = &files;
    environment.pattern_files = &pattern_files;
    environment.users = &staff;
    environment.proxies = std::make_shared<OneOfEach>();
    environment.hostname = "lb.example";
    environment.environment_variable = environment_of_test;
  }

  /// The value as text with its type ("integer 5"), "-" for none, or "error: ..." where it does not compile.
  std::string value(std::string_view text) {
    const auto expression = compiler.expression(text);
    if (!expression) return "error: " + expression.error().message;
    auto sample = expression->evaluate(context, arena);
    if (!sample) return "-";
    const std::string type(type_name(sample->type));
    const std::string bytes(sample->text);
    if (sample->type == Type::kBinary) return type + " " + bytes;
    REQUIRE(convert(*sample, Type::kString, arena));
    return type + " " + std::string(sample->text);
  }
  std::string format(std::string_view text, Format::Use use = Format::Use::kField) {
    const auto format = compiler.format(text);
    if (!format) return "error: " + format.error().message;
    return std::string(format->render(context, arena, use));
  }
  /// "yes", "no" or the error with its place.
  std::string condition(const std::string& text) {
    const auto condition = compiler.condition(words(text));
    if (condition) return condition->holds(context, arena) ? "yes" : "no";
    return "error at " + std::to_string(condition.error().word) + ":" +
           std::to_string(condition.error().offset) + ": " + condition.error().message;
  }
  void acl(const std::string& text) {
    const auto done = compiler.declare_acl(words(text));
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
  }
  static std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) words.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return words;
  }

  BufferPool pool;
  http::RequestHead request;
  http::ResponseHead response;
  Arena arena;
  Arena values;
  net::Address client;
  net::Address local;
  std::vector<NameEntry> subject{{"C", "SE"}, {"OU", "one"}, {"OU", "two"}, {"CN", "client/CN=admin"}};
  std::vector<NameEntry> issuer{{"CN", "ca"}};
  TlsFacts tls;
  tls::ClientHello hello;
  SocketFacts socket;
  OneLink link;
  FrontendFacts frontend_facts{4, "app", Duration(5000)};
  BackendFacts backend_facts{6, Duration(7000), Duration(8000)};
  Staff staff;
  std::vector<std::string_view> captured_request{"", "curl"}, captured_response{"three"};
  Random random{1};
  VariableNames names;
  VariableStore transaction{16, values};
  MemoryFiles files;
  PatternFiles pattern_files;
  Environment environment;
  SampleContext context;
  Compiler compiler{environment};
};

}  // namespace reseal::rules::expression
