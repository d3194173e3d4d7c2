#include "tls/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tls/openssl_error.h"

namespace reseal::tls {
namespace {

constexpr std::size_t kMostCiphertextWaiting = 256 * 1024;

}  // namespace

/// OpenSSL's way to the bytes: reads from the socket, writes into the TCP stream's queue.
struct TlsStream::Bio {
  static TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* out, std::size_t most, std::size_t* count) {
    TlsStream& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    *count = stream.first_.empty() ? stream.tcp_->read({out, most}) : stream.take_first({out, most});
    if (*count == 0) BIO_set_retry_read(bio);
    return *count == 0 ? 0 : 1;
  }

  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
    BIO_clear_retry_flags(bio);
    stream_of(bio).tcp_->write({bytes, size});
    *count = size;
    return 1;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  /// One for the process; immutable after its first use.
  static const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "reseal stream");
      BIO_meth_set_read_ex(made, read);
      BIO_meth_set_write_ex(made, write);
      BIO_meth_set_ctrl(made, control);
      BIO_meth_set_create(made, create);
      return made;
    }();
    return kMethod;
  }
};

TlsStream::TlsStream(std::unique_ptr<net::TcpStream> tcp, SslPtr ssl, bool is_client)
    : ByteStream(tcp->loop().buffers()),
      loop_(tcp->loop()),
      tcp_(std::move(tcp)),
      ssl_(std::move(ssl)),
      is_client_(is_client) {
  tcp_->set_events(*this);
  tcp_->set_reader(this);
  if (ssl_ == nullptr) {
    loop_.schedule_flush(*this);  // reported from there
    return;
  }
  BIO* bio = BIO_new(Bio::method());
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
  is_client_ ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() {
  close();
}

std::unique_ptr<TlsStream> TlsStream::accept(std::unique_ptr<net::TcpStream> tcp,
                                             std::shared_ptr<const ServerContext> context,
                                             std::string first) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(tcp), context->new_ssl(), false));
  stream->ticket_due_ = context->issues_tickets();
  stream->server_context_ = std::move(context);
  stream->tcp_open_ = true;
  stream->first_ = std::move(first);
  if (!stream->first_.empty()) stream->loop_.schedule_flush(*stream);
  return stream;
}

std::unique_ptr<TlsStream> TlsStream::connect(std::unique_ptr<net::TcpStream> tcp,
                                              std::shared_ptr<const ClientContext> context,
                                              const PeerIdentity& peer, SessionSlot* sessions,
                                              AlpnOffer offer) {
  const bool already_open = tcp->is_open();
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(tcp), context->new_ssl(peer, offer), true));
  stream->client_context_ = std::move(context);
  stream->peer_identity_ = &peer;
  stream->sessions_ = sessions;
  if (stream->ssl_ != nullptr && sessions != nullptr) {
    if (SSL_SESSION* session = sessions->offer(*stream->client_context_, peer)) {
      SSL_set_session(stream->ssl_.get(), session);
    }
  }
  stream->tcp_open_ = already_open;
  stream->tcp_opened_ = stream->loop_.now();
  if (already_open) stream->loop_.schedule_flush(*stream);  // begins the handshake
  return stream;
}

// ---- from the TCP stream

void TlsStream::on_open() {
  tcp_open_ = true;
  tcp_opened_ = loop_.now();
  if (state_ == State::kHandshaking && ssl_ != nullptr) handshake();
}

void TlsStream::take() {
  if (state_ == State::kFailed || state_ == State::kClosed || ssl_ == nullptr) return;
  if (state_ == State::kHandshaking) handshake();
  if (state_ == State::kOpen) read_records();
}

std::size_t TlsStream::take_first(std::span<char> room) {
  const std::size_t taken = first_.copy(room.data(), room.size());
  first_.erase(0, taken);
  return taken;
}

void TlsStream::handshake() {
  clear_openssl_errors();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    state_ = State::kOpen;
    if (paused_) tcp_->pause_reading();
    if (!output_.empty() || end_wanted_) loop_.schedule_flush(*this);
    events_->on_open();
    return;
  }
  if (SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) fail_from_openssl("TLS handshake failed");
}

void TlsStream::read_records() {
  const auto room = loop_.plaintext_buffer();
  // Nothing left inside OpenSSL and nothing in the socket: asking once more would only earn a "want read".
  while (state_ == State::kOpen &&
         (tcp_->may_read() || SSL_has_pending(ssl_.get()) == 1 || !first_.empty())) {
    clear_openssl_errors();
    std::size_t count = 0;
    if (SSL_read_ex(ssl_.get(), room.data(), room.size(), &count) == 1) {
      events_->on_data({room.data(), count});
      continue;
    }
    const int why = SSL_get_error(ssl_.get(), 0);
    if (why == SSL_ERROR_WANT_READ) return;
    if (why == SSL_ERROR_ZERO_RETURN) {
      peer_ended_ = true;
      tcp_->set_reader(nullptr);  // what follows a close_notify counts for nothing (RFC 8446 6.1)
      events_->on_end();
      return;
    }
    fail_from_openssl("TLS failed");
    return;
  }
}

void TlsStream::on_end() {
  if (state_ == State::kFailed || state_ == State::kClosed || peer_ended_) return;
  // Without close_notify nobody can tell an end from a cut (RFC 8446 6.1).
  const bool handshaking = state_ == State::kHandshaking;
  const Code code = !handshaking ? Code::kIo : is_client_ ? Code::kServerTlsFailed : Code::kClientTlsFailed;
  fail({code, is_client_ ? Origin::kServer : Origin::kClient,
        handshaking ? "the connection was closed during the TLS handshake"
                    : "the connection was closed without TLS close_notify",
        0, 0, 0});
}

void TlsStream::on_drained() {
  if (state_ != State::kOpen) return;
  if (end_sent_) {
    events_->on_drained();
  } else {
    loop_.schedule_flush(*this);
  }
}

void TlsStream::on_peer_ended_early() {
  if (state_ == State::kOpen) events_->on_peer_ended_early();
}

void TlsStream::on_failure(const Error& error) {
  if (state_ == State::kFailed || state_ == State::kClosed) return;
  Error told = error;
  // Our own shortage (descriptors, ports) stays ours: it must not count against the server.
  const bool shortage = error.code == Code::kOutOfDescriptors || error.system == EADDRNOTAVAIL;
  if (!shortage) told.origin = is_client_ ? Origin::kServer : Origin::kClient;
  fail(told);
}

// ---- output

void TlsStream::flush() {
  flush_scheduled_ = false;
  if (state_ == State::kFailed || state_ == State::kClosed) return;
  if (ssl_ == nullptr) {
    fail({Code::kInternal, Origin::kLocal, "OpenSSL makes no connection for this name", 0, 0, 0});
    return;
  }
  if (unsent() >= kHighWater) was_backed_up_ = true;
  if (state_ == State::kHandshaking) {
    if (!first_.empty()) take();
    if (is_client_ && tcp_open_ && SSL_in_before(ssl_.get()) == 1) handshake();
    return;
  }
  encrypt_output();
  if (state_ != State::kOpen) return;
  if (output_.empty() && end_wanted_ && !end_sent_) {
    end_sent_ = true;
    clear_openssl_errors();
    SSL_shutdown(ssl_.get());
    tcp_->end();
    return;
  }
  // tcp_ still holds what was just encrypted; it is written right after this and then reports if it stays
  // backed up.
  if (was_backed_up_ && output_.empty() && tcp_->unsent() <= kMostCiphertextWaiting) {
    tcp_->flush();
    if (state_ != State::kOpen) return;
    if (unsent() <= kLowWater) {
      was_backed_up_ = false;
      events_->on_drained();
    } else {
      tcp_->tell_when_drained();  // it may never have held as much as the two of us did
    }
  }
}

std::size_t TlsStream::take_bulk(std::string_view bytes) {
  if (state_ != State::kOpen || end_wanted_) return 0;
  (void)output();  // to be flushed
  std::size_t taken = 0;
  while (bytes.size() - taken >= kBulk && tcp_->unsent() < kMostCiphertextWaiting) {
    const std::size_t encrypted = encrypt(bytes.substr(taken));
    if (encrypted == 0) break;  // met again, and told, by flush()
    taken += encrypted;
  }
  // What is written behind it may make it so, and flush() cannot tell: by then the socket may have taken the bulk.
  if (taken > 0) was_backed_up_ = true;
  return taken;
}

void TlsStream::encrypt_output() {
  while (!output_.empty() && tcp_->unsent() < kMostCiphertextWaiting) {
    const std::size_t encrypted = encrypt(output_.front());
    if (encrypted == 0) {
      fail_from_openssl("TLS failed while sending");
      return;
    }
    output_.consume(encrypted);
  }
}

std::size_t TlsStream::encrypt(std::string_view plaintext) {
  plaintext = plaintext.substr(0, record_size_.most(loop_.now()));
  clear_openssl_errors();
  // In one piece with the first data (over HTTP/1 an answer): a write, and a wake-up of the client, less than at the end of
  // the handshake. Who never gets any needs no ticket.
  const bool with_ticket = std::exchange(ticket_due_, false) && SSL_new_session_ticket(ssl_.get()) == 1;
  std::size_t written = 0;
  const bool encrypted = SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written) == 1;
  // For the ticket OpenSSL has made itself room to read into, and would keep it until something comes.
  if (with_ticket) SSL_free_buffers(ssl_.get());
  if (!encrypted) return 0;
  record_size_.sent(written, loop_.now());
  return written;
}

void TlsStream::end() {
  if (end_wanted_) return;
  end_wanted_ = true;
  loop_.schedule_flush(*this);
}

void TlsStream::close() {
  if (state_ == State::kClosed) return;
  // An orderly goodbye costs one small record and lets the peer tell this end from a cut.
  if (state_ == State::kOpen && !end_sent_ && output_.empty() && tcp_->unsent() == 0 && !tcp_->is_closed()) {
    clear_openssl_errors();
    SSL_shutdown(ssl_.get());
    state_ = State::kClosed;
    tcp_->flush();
  }
  state_ = State::kClosed;
  // A connection cut short says nothing against its session: without this OpenSSL would never resume it.
  if (ssl_ != nullptr && (failure_ == nullptr || failure_->error.openssl == 0)) {
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  unlink();
  output_.clear();
  sessions_ = nullptr;
  tcp_->close();
}

void TlsStream::abort() {
  if (state_ == State::kClosed) return;
  state_ = State::kFailed;  // no close_notify
  tcp_->abort();
  close();
}

void TlsStream::pause_reading() {
  paused_ = true;
  if (state_ != State::kHandshaking) tcp_->pause_reading();  // the handshake has to be read
}

void TlsStream::resume_reading() {
  paused_ = false;
  tcp_->resume_reading();
}

void TlsStream::watch_peer(bool wanted) {
  tcp_->watch_peer(wanted);
}

bool TlsStream::is_closed() const {
  return state_ == State::kClosed;
}
std::size_t TlsStream::unsent() const {
  return output_.size() + tcp_->unsent();
}
const net::Address& TlsStream::peer() const {
  return tcp_->peer();
}
const net::Address& TlsStream::local() const {
  return tcp_->local();
}

// ---- facts

bool TlsStream::is_open() const {
  return state_ == State::kOpen;
}
bool TlsStream::resumed() const {
  return ssl_ != nullptr && SSL_session_reused(ssl_.get()) == 1;
}

std::string_view TlsStream::alpn() const {
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  if (ssl_ != nullptr) SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

std::string_view TlsStream::server_name() const {
  const char* name = ssl_ != nullptr ? SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name) : nullptr;
  return name != nullptr ? name : "";
}

std::string_view TlsStream::version() const {
  return ssl_ != nullptr ? SSL_get_version(ssl_.get()) : "";
}

std::string_view TlsStream::cipher() const {
  const char* name = ssl_ != nullptr ? SSL_get_cipher_name(ssl_.get()) : nullptr;
  return name != nullptr ? name : "";
}

int TlsStream::key_bits() const {
  return ssl_ != nullptr ? SSL_get_cipher_bits(ssl_.get(), nullptr) : 0;
}

ConnectionFacts TlsStream::facts() const {
  return ssl_ != nullptr ? read_facts(*ssl_) : ConnectionFacts();
}

TlsStream& TlsStream::of(const SSL& ssl) {
  return Bio::stream_of(SSL_get_rbio(&ssl));
}

int TlsStream::on_new_session(SSL* ssl, SSL_SESSION* session) {
  const TlsStream& stream = of(*ssl);
  if (stream.sessions_ == nullptr) return 0;  // OpenSSL frees it
  stream.sessions_->keep(*stream.client_context_, *stream.peer_identity_, SessionPtr(session));
  return 1;
}

}  // namespace reseal::tls
