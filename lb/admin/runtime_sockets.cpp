#include "lb/admin/runtime_sockets.h"

#include <utility>

#include "lb/admin/cli_session.h"
#include "lb/net/tcp_stream.h"

namespace reseal::admin {
namespace {

constexpr Duration kLinger{2000};

}  // namespace

/// kTalking ──answered all, quit, client's end──► kEnding ──taken, too late──► closed; any ──timeout / failure──► closed
class RuntimeSockets::Connection final : public Disposable,
                                         public net::StreamEvents,
                                         public ListNode<ConnectionTag> {
 public:
  Connection(RuntimeSockets& owner, net::Fd fd, config::AccessLevel level)
      : owner_(owner),
        stream_(net::TcpStream::adopt(owner.loop_, fd.release(), {})),
        timer_(net::Timer::bind<&Connection::close>(this)),
        session_(owner.control_, owner.api_, level) {
    stream_->set_events(*this);
    owner_.connections_.push_back(*this);
    start_timer(session_.timeout());
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    timer_.stop();
    stream_->close();
    unlink();
    owner_.loop_.bury(std::unique_ptr<Disposable>(this));
    owner_.on_closed();
  }

 private:
  void on_open() override {}
  void on_data(std::string_view bytes) override {
    if (ending_) return;
    start_timer(session_.timeout());
    if (!session_.feed(bytes)) {
      stream_->write("The command line is too long.\n\n");
      end();
      return;
    }
    talk();
  }
  void on_end() override {
    // Whoever ends the sending side behind a command still gets all of its answer.
    input_ended_ = true;
    talk();
  }
  void on_drained() override {
    if (!ending_) start_timer(session_.timeout());
    talk();
  }
  void on_failure(const Error&) override { close(); }

  /// A client that does not read gets no further answers made for it.
  void talk() {
    while (!ending_ && !stream_->is_backed_up()) {
      std::string answer;
      if (!session_.run_next(answer)) break;
      stream_->write(answer);
    }
    if (!ending_ && stream_->is_backed_up()) {
      stream_->pause_reading();
      return;
    }
    if (!ending_ && (session_.is_over() || input_ended_)) end();
    if (!ending_) stream_->resume_reading();
    // Closing while bytes of the client are unread would reset the connection and could take the answer with it, so the
    // client's end is waited for, a moment.
    if (ending_ && input_ended_ && stream_->unsent() == 0) close();
  }

  void end() {
    ending_ = true;
    stream_->end();
    stream_->resume_reading();
    start_timer(stream_->unsent() == 0 ? kLinger : session_.timeout());
  }

  void start_timer(Duration time) { owner_.loop_.start_irregular_timer(timer_, time); }

  RuntimeSockets& owner_;
  std::unique_ptr<net::TcpStream> stream_;
  net::Timer timer_;
  CliSession session_;
  bool input_ended_ = false;
  bool ending_ = false;
  bool closed_ = false;
};

struct RuntimeSockets::Door final : public net::ListenerEvents {
  Door(RuntimeSockets& owner, net::Fd socket, config::AccessLevel level_of_clients)
      : sockets(owner), level(level_of_clients), listener(owner.loop_, std::move(socket), *this) {}

  void on_connection(net::Fd fd, const net::Address&) override {
    sockets.on_connection(std::move(fd), level);
  }
  void on_accept_paused(int) override {
    if (sockets.pause_lines_.allow(sockets.loop_.now()))
      sockets.log_.warn("stats socket: out of file descriptors; accepting pauses");
  }

  RuntimeSockets& sockets;
  config::AccessLevel level;
  net::Listener listener;
};

RuntimeSockets::RuntimeSockets(net::Loop& loop, std::vector<net::Fd> sockets, config::RuntimeApi api,
                               runtime::Control& control, Log& log)
    : loop_(loop), api_(std::move(api)), control_(control), log_(log) {
  for (std::size_t i = 0; i < sockets.size(); ++i)
    doors_.push_back(std::make_unique<Door>(*this, std::move(sockets[i]), api_.sockets[i].level));
}

RuntimeSockets::~RuntimeSockets() {
  doors_.clear();
  while (Connection* connection = connections_.front()) connection->close();
}

void RuntimeSockets::on_connection(net::Fd fd, config::AccessLevel level) {
  new Connection(*this, std::move(fd), level);  // linked into the list; buries itself
  if (++count_ < api_.max_connections) return;
  for (auto& door : doors_) door->listener.pause();
}

void RuntimeSockets::on_closed() {
  if (count_-- != api_.max_connections) return;
  for (auto& door : doors_) door->listener.resume();
}

}  // namespace reseal::admin
