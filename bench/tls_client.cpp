#include "bench/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>

namespace reseal::bench {
namespace {

constexpr int kTimeoutSeconds = 10;
constexpr std::size_t kChunk = 16 * 1024;  // what one record holds

/// The value of a field in a head, without the blanks around it; fields that are missing have none.
std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line)) {
    line += 2;
    const std::string_view rest = head.substr(line);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (::strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
    std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return std::nullopt;
}

}  // namespace

void ContextDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

ContextPtr make_context(const Target& target) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // A server may close without a close_notify after its last response; the response's length says whether it
  // is whole.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (target.ca.empty()) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context.get(), target.ca.c_str(), nullptr) != 1) {
    std::fprintf(stderr, "cannot read the CA file %s\n", target.ca.c_str());
    return nullptr;
  }
  return context;
}

TlsClient::TlsClient(ssl_ctx_st& context, const Target& target, Resumption resumption)
    : context_(context),
      target_(target),
      resumption_(resumption),
      request_("GET " + target.path + " HTTP/1.1\r\nHost: " + target.name +
               "\r\nUser-Agent: reseal-bench\r\n\r\n") {}

TlsClient::~TlsClient() {
  close();
  SSL_SESSION_free(session_);
}

void TlsClient::close() {
  if (ssl_ != nullptr) {
    SSL_shutdown(ssl_);
    SSL_free(ssl_);
    ssl_ = nullptr;
  }
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

std::optional<std::string_view> TlsClient::connect() {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return "no socket";
  const timeval timeout{kTimeoutSeconds, 0};
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(target_.port));
  ::inet_pton(AF_INET, target_.host.c_str(), &address.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close();
    return "connect";
  }
  ERR_clear_error();
  ssl_ = SSL_new(&context_);
  SSL_set_fd(ssl_, socket_);
  SSL_ctrl(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(target_.name.c_str()));
  if (!target_.ca.empty()) SSL_set1_host(ssl_, target_.name.c_str());
  if (resumption_ == Resumption::kOffer && session_ != nullptr) SSL_set_session(ssl_, session_);
  if (SSL_connect(ssl_) != 1) {
    close();
    return "handshake";
  }
  (SSL_session_reused(ssl_) == 1 ? resumed_ : full_) += 1;
  return std::nullopt;
}

std::optional<std::string_view> TlsClient::request() {
  if (ssl_ == nullptr) {
    if (auto failed = connect()) return failed;
  }
  if (const auto failed = send()) {
    close();
    return failed;
  }
  return receive();
}

std::optional<std::string_view> TlsClient::send() {
  ERR_clear_error();
  const int size = static_cast<int>(request_.size());
  if (SSL_write(ssl_, request_.data(), size) != size) return "send";
  return std::nullopt;
}

std::optional<std::string_view> TlsClient::receive() {
  ERR_clear_error();
  const auto failed = read_answer();
  if (resumption_ == Resumption::kOffer && !failed) {
    // TLS 1.3 tickets arrive with the first answer.
    SSL_SESSION_free(session_);
    session_ = SSL_get1_session(ssl_);
  }
  if (failed || !keep_alive_) close();
  return failed;
}

std::optional<std::string_view> TlsClient::read_answer() {
  buffer_.clear();
  std::size_t head_end = std::string::npos;
  std::size_t total = 0;
  while (head_end == std::string::npos || buffer_.size() < total) {
    const std::size_t had = buffer_.size();
    buffer_.resize(had + kChunk);
    const int got = SSL_read(ssl_, buffer_.data() + had, kChunk);
    buffer_.resize(had + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got <= 0) {
      const bool timed_out = SSL_get_error(ssl_, got) == SSL_ERROR_WANT_READ;
      if (timed_out) return "no answer in time";
      return buffer_.empty() ? "closed without an answer" : "closed inside an answer";
    }
    if (head_end != std::string::npos) continue;
    head_end = buffer_.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    const std::string_view head(buffer_.data(), head_end + 2);
    if (!head.starts_with("HTTP/1.1 200"))
      return head.starts_with("HTTP/1.1 5") ? "status 5xx" : "status not 200";
    const auto length = field(head, "content-length");
    std::size_t body = 0;
    if (!length || std::from_chars(length->data(), length->data() + length->size(), body).ec != std::errc()) {
      return "no content-length";
    }
    keep_alive_ = field(head, "connection").value_or("") != "close";
    total = head_end + 4 + body;
  }
  return buffer_.size() == total ? std::nullopt : std::optional<std::string_view>("bytes after the answer");
}

}  // namespace reseal::bench
