// A blocking HTTPS client for the load programs: one connection, one request at a time, strict about what
// counts as an answer. Owned by one thread. Never retries: what a browser would hide is counted here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace reseal::bench {

struct Target {
  std::string host;  ///< IPv4 address
  int port = 0;
  std::string name = "localhost";  ///< SNI and Host
  std::string path = "/";
  std::string ca;  ///< PEM; empty: the certificate is not looked at
};

struct ContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};
using ContextPtr = std::unique_ptr<ssl_ctx_st, ContextDeleter>;

/// A client context for `target`; null (and a message on stderr) when the CA file cannot be read. Share it
/// between threads, it outlives their clients.
ContextPtr make_context(const Target& target);

class TlsClient {
 public:
  enum class Resumption { kNever, kOffer };

  TlsClient(ssl_ctx_st& context, const Target& target, Resumption resumption);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Connects and shakes hands. Returns what failed, in a word or two, or nothing.
  std::optional<std::string_view> connect();

  /// Sends one GET and reads the answer; connects first when there is no connection. Anything but a complete
  /// 200 is a failure, also a kept connection that the other side closed without having said so.
  std::optional<std::string_view> request();

  /// The two halves of request(), for who has other work in between: send() on a connection that stands, and
  /// receive() once the socket is readable, which waits for the rest of the answer.
  std::optional<std::string_view> send();
  std::optional<std::string_view> receive();

  void close();
  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] bool is_connected() const { return ssl_ != nullptr; }
  [[nodiscard]] long full_handshakes() const { return full_; }
  [[nodiscard]] long resumed_handshakes() const { return resumed_; }

 private:
  std::optional<std::string_view> read_answer();

  ssl_ctx_st& context_;
  const Target& target_;
  const Resumption resumption_;
  const std::string request_;
  std::string buffer_;
  int socket_ = -1;
  ssl_st* ssl_ = nullptr;
  ssl_session_st* session_ = nullptr;
  bool keep_alive_ = false;
  long full_ = 0;
  long resumed_ = 0;
};

}  // namespace reseal::bench
