#include "tls_test_support.h"

#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "tls/pem.h"

namespace reseal::test {

std::array<int, 2> socket_pair() {
  std::signal(SIGPIPE,
              SIG_IGN);  // as the product does: a write to a peer that has gone is an error to handle
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) == 0);
  return fds;
}

// ---- RawPeer

struct RawPeer::Shared {
  Settings settings;
  tls::SslCtxPtr context;
  tls::SessionPtr
      session;  // never used itself: OpenSSL spoils that of a connection that ends without a goodbye
};

RawPeer::RawPeer(const Settings& settings) : RawPeer(std::make_shared<Shared>(), settings.server) {
  shared_->settings = settings;
  shared_->context.reset(SSL_CTX_new(TLS_method()));
  SSL_CTX* context = shared_->context.get();
  if (settings.version != 0) {
    SSL_CTX_set_min_proto_version(context, settings.version);
    SSL_CTX_set_max_proto_version(context, settings.version);
  }
  if (!settings.certificate.empty()) {
    const char* file = settings.certificate.c_str();
    REQUIRE(SSL_CTX_use_certificate_chain_file(context, file) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) == 1);
  }
  if (!settings.client_ca.empty()) {
    REQUIRE(SSL_CTX_load_verify_locations(context, settings.client_ca.c_str(), nullptr) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  const std::string id = "raw peer";
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(id.data()), 8);
  if (!settings.signatures.empty())
    REQUIRE(SSL_CTX_set1_sigalgs_list(context, settings.signatures.c_str()) == 1);
  if (!settings.alpn.empty()) {
    const std::string wire = static_cast<char>(settings.alpn.size()) + settings.alpn;
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
  }
  *this = again();
}

RawPeer::RawPeer(std::shared_ptr<Shared> shared, bool server) : shared_(std::move(shared)), server_(server) {}

RawPeer RawPeer::again() const {
  RawPeer peer(shared_, server_);
  peer.ssl_.reset(SSL_new(shared_->context.get()));
  SSL* ssl = peer.ssl_.get();
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (server_) {
    SSL_set_accept_state(ssl);
    return peer;
  }
  SSL_set_connect_state(ssl);
  if (!shared_->settings.sni.empty()) SSL_set_tlsext_host_name(ssl, shared_->settings.sni.c_str());
  if (shared_->session != nullptr) {
    const tls::SessionPtr copy(SSL_SESSION_dup(shared_->session.get()));
    SSL_set_session(ssl, copy.get());
  }
  return peer;
}

void RawPeer::keep_session() {
  shared_->session.reset(SSL_SESSION_dup(SSL_get_session(ssl_.get())));
}

void RawPeer::receive(std::string_view bytes) {
  if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
  advance();
}

void RawPeer::advance() {
  ERR_clear_error();
  std::array<char, 32768> room;
  for (;;) {
    const int count = SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size()));
    if (count <= 0) {
      const int why = SSL_get_error(ssl_.get(), count);
      failed = failed || why == SSL_ERROR_SSL || why == SSL_ERROR_SYSCALL;
      return;
    }
    plaintext.append(room.data(), static_cast<std::size_t>(count));
  }
}

std::string RawPeer::take_output() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
  std::string bytes(data, static_cast<std::size_t>(size));
  (void)BIO_reset(SSL_get_wbio(ssl_.get()));
  return bytes;
}

void RawPeer::write(std::string_view text) {
  REQUIRE(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size()));
}

void RawPeer::send_close_notify() {
  SSL_shutdown(ssl_.get());
}
bool RawPeer::handshake_done() const {
  return SSL_is_init_finished(ssl_.get()) == 1;
}
bool RawPeer::resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}
bool RawPeer::got_close_notify() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string RawPeer::peer_name() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate != nullptr ? tls::common_name_of(*certificate) : "";
}

int RawPeer::issuers_received() const {
  const int all = sk_X509_num(SSL_get_peer_cert_chain(ssl_.get()));
  return server_ ? all : all - 1;  // a server's list does not hold the client's own certificate
}

std::string RawPeer::alpn() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

// ---- StreamUnderTest

StreamUnderTest::StreamUnderTest(const Make& make) {
  const auto fds = socket_pair();
  far_end = fds[1];
  turn([&] {
    stream = make(net::TcpStream::adopt(loop, fds[0], {}));
    stream->set_events(events);
  });
}

StreamUnderTest::~StreamUnderTest() {
  stream.reset();
  ::close(far_end);
}

void StreamUnderTest::turn(const std::function<void()>& action) {
  const net::Loop::Turn turn(loop);
  action();
}

void StreamUnderTest::let_it_read() {
  // Until it has taken everything, or takes no more.
  for (int before = -1, waiting = 0;; before = waiting) {
    uv_run(loop.native(), UV_RUN_NOWAIT);
    REQUIRE(::ioctl(far_end, SIOCOUTQ, &waiting) == 0);
    if (waiting == 0 || waiting == before) return;
  }
}

void StreamUnderTest::feed(std::string_view bytes, std::size_t piece) {
  while (!bytes.empty()) {
    const std::string_view now = bytes.substr(0, piece);
    const ssize_t sent = ::send(far_end, now.data(), now.size(), MSG_NOSIGNAL);
    let_it_read();
    if (sent < 0) return;  // it has closed, or reads no more
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void StreamUnderTest::feed_end() {
  ::shutdown(far_end, SHUT_WR);
  let_it_read();
}

std::string StreamUnderTest::take_output() {
  std::string bytes;
  std::array<char, 65536> room;
  for (;;) {
    const ssize_t count = ::read(far_end, room.data(), room.size());
    if (count <= 0) return bytes;
    bytes.append(room.data(), static_cast<std::size_t>(count));
  }
}

void exchange(StreamUnderTest& under_test, RawPeer& peer, std::size_t piece) {
  peer.receive("");  // a client begins
  for (;;) {
    const std::string to_stream = peer.take_output();
    under_test.feed(to_stream, piece);
    const std::string to_peer = under_test.take_output();
    if (to_peer.empty() && to_stream.empty()) return;
    peer.receive(to_peer);
  }
}

}  // namespace reseal::test
