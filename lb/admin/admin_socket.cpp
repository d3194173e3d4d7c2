#include "lb/admin/admin_socket.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "lb/admin/command_table.h"
#include "lb/net/tcp_stream.h"

namespace reseal::admin {
namespace {

constexpr std::size_t kMostConnections = 64;
constexpr std::size_t kLongestLine = 4096;
constexpr Duration kLinger{2000};
constexpr Duration kTimeForLine{10000};
constexpr Duration kTimeForAnswer{60000};  // until it has been taken; a reload reads files and resolves names

}  // namespace

/// kReading ──line──► kAnswering ──answer──► kSending ──sent──► closed; any ──timeout / failure──► closed
class AdminSocket::Connection final : public Disposable,
                                      public net::StreamEvents,
                                      public ListNode<ConnectionTag> {
 public:
  Connection(AdminSocket& owner, net::Fd fd)
      : owner_(owner),
        stream_(net::TcpStream::adopt(owner.loop_, fd.release(), {})),
        timer_(net::Timer::bind<&Connection::close>(this)),
        alive_(std::make_shared<Connection*>(this)) {
    stream_->set_events(*this);
    owner_.connections_.push_back(*this);
    ++owner_.count_;
    owner_.loop_.start_timer(timer_, kTimeForLine);
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    *alive_ = nullptr;
    timer_.stop();
    stream_->close();
    unlink();
    --owner_.count_;
    owner_.loop_.bury(std::unique_ptr<Disposable>(this));
  }

 private:
  void on_open() override {}
  void on_data(std::string_view bytes) override {
    if (asked_) return;
    line_ += bytes;
    const std::size_t end = line_.find('\n');
    if (std::min(end, line_.size()) > kLongestLine) {
      asked_ = true;
      send({Answer::Kind::kUnknown, "the command line is too long\n"});
    } else if (end != std::string::npos) {
      ask(line_.substr(0, end));
    }
  }
  void on_end() override {
    // A client may end its side right after its line, with or without a line feed: it is answered all the
    // same.
    input_ended_ = true;
    if (asked_) {
      close_if_finished();
    } else if (line_.empty()) {
      close();
    } else {
      ask(line_);
    }
  }
  void on_drained() override {
    if (sent_) owner_.loop_.start_timer(timer_, kLinger);
    close_if_finished();
  }
  void on_failure(const Error&) override { close(); }

  /// Closing while bytes of the client are unread would reset the connection and could take the answer with
  /// it, so the client's end is waited for, a moment.
  void close_if_finished() {
    if (sent_ && input_ended_ && stream_->unsent() == 0) close();
  }

  void ask(const std::string& line) {
    asked_ = true;
    owner_.loop_.start_timer(timer_, kTimeForAnswer);
    // The answer may come after this connection has ended: a command outlives the one who asked.
    run_command(line, owner_.control_, [alive = alive_](const Answer& answer) {
      if (*alive != nullptr) (*alive)->send(answer);
    });
  }

  void send(const Answer& answer) {
    sent_ = true;
    stream_->write(answer.wire());
    stream_->end();
  }

  AdminSocket& owner_;
  std::unique_ptr<net::TcpStream> stream_;
  net::Timer timer_;
  std::string line_;
  std::shared_ptr<Connection*> alive_;  // shared with an answer under way; null inside once closed
  bool asked_ = false;
  bool sent_ = false;
  bool input_ended_ = false;
  bool closed_ = false;
};

AdminSocket::AdminSocket(net::Loop& loop, net::Fd socket, std::string path, runtime::Control& control,
                         Log& log)
    : loop_(loop),
      path_(std::move(path)),
      control_(control),
      log_(log),
      listener_(std::make_unique<net::Listener>(loop, std::move(socket), *this)) {}

AdminSocket::~AdminSocket() {
  listener_.reset();
  ::unlink(path_.c_str());
  while (Connection* connection = connections_.front()) connection->close();
}

void AdminSocket::on_connection(net::Fd fd, const net::Address&) {
  if (count_ >= kMostConnections) return;  // closed by its owner going out of scope
  new Connection(*this, std::move(fd));    // linked into the list; buries itself
}

void AdminSocket::on_accept_paused(int) {
  if (pause_lines_.allow(loop_.now())) log_.warn("admin socket: out of file descriptors; accepting pauses");
}

}  // namespace reseal::admin
