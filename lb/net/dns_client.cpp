#include "lb/net/dns_client.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <uv.h>

#include <algorithm>
#include <map>
#include <utility>

namespace reseal::net {
namespace {

int type_of(DnsKind kind) {
  if (kind == DnsKind::kSrv) return ns_t_srv;
  return kind == DnsKind::kA ? ns_t_a : ns_t_aaaa;
}

struct Question {
  DnsKind kind;
  DnsClient::Done done;
};

void on_answer(void* argument, int status, int, unsigned char* message, int length) noexcept {
  const std::unique_ptr<Question> question(static_cast<Question*>(argument));
  if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) return;
  DnsAnswer answer;
  if (message != nullptr && length > 0) {
    answer = parse_dns_answer(question->kind, {message, static_cast<std::size_t>(length)});
  } else if (status == ARES_ETIMEOUT) {
    answer.status = DnsStatus::kTimeout;
  } else if (status == ARES_ENOTFOUND) {
    answer.status = DnsStatus::kNoName;
  } else if (status == ARES_EREFUSED) {
    answer.status = DnsStatus::kRefused;
  }
  question->done(std::move(answer));
}

}  // namespace

struct DnsClient::Channel {
  /// A socket of c-ares. Freed in libuv's close callback.
  struct Watched {
    uv_poll_t poll;
    Channel* channel;
    int fd;
  };

  explicit Channel(Loop& in) : loop(in), timer(Timer::bind<&Channel::on_timer>(this)) {}

  /// c-ares opens, closes or waits for a socket. It closes the descriptor only after this.
  static void on_socket(void* data, int fd, int readable, int writable) noexcept {
    auto& channel = *static_cast<Channel*>(data);
    const auto found = channel.sockets.find(fd);
    if (readable == 0 && writable == 0) {
      if (found == channel.sockets.end()) return;
      uv_close(reinterpret_cast<uv_handle_t*>(&found->second->poll),
               [](uv_handle_t* raw) noexcept { delete static_cast<Watched*>(raw->data); });
      channel.sockets.erase(found);
      return;
    }
    Watched* watched = found != channel.sockets.end() ? found->second : channel.watch(fd);
    if (watched == nullptr) return;  // the time-out finds it
    uv_poll_start(&watched->poll, (readable != 0 ? UV_READABLE : 0) | (writable != 0 ? UV_WRITABLE : 0),
                  on_ready);
  }
  Watched* watch(int fd) {
    auto watched = std::make_unique<Watched>(Watched{{}, this, fd});
    if (uv_poll_init(loop.native(), &watched->poll, fd) != 0) return nullptr;
    watched->poll.data = watched.get();
    return sockets[fd] = watched.release();
  }
  static void on_ready(uv_poll_t* poll, int status, int events) noexcept {
    const auto& watched = *static_cast<Watched*>(poll->data);
    Channel& channel = *watched.channel;
    const Loop::Turn turn(channel.loop);
    const int fd = watched.fd;
    const bool failed = status < 0;
    ares_process_fd(channel.ares, failed || (events & UV_READABLE) != 0 ? fd : ARES_SOCKET_BAD,
                    failed || (events & UV_WRITABLE) != 0 ? fd : ARES_SOCKET_BAD);
    channel.arm();
  }
  void on_timer() {
    ares_process_fd(ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    arm();
  }
  void arm() {
    timeval time{};
    if (ares_timeout(ares, nullptr, &time) == nullptr) {
      timer.stop();
      return;
    }
    constexpr std::int64_t kThousand = 1000;
    loop.start_irregular_timer(timer, Duration(time.tv_sec * kThousand + time.tv_usec / kThousand + 1));
  }

  Loop& loop;
  Timer timer;
  ares_channel ares = nullptr;  // null: it could not be made
  std::map<int, Watched*> sockets;
};

DnsClient::DnsClient(Loop& loop, const DnsSettings& settings) : channel_(std::make_unique<Channel>(loop)) {
  ares_options options{};
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
  // With others to ask c-ares asks them before it tells of a failure, and then forgets which one it was.
  if (settings.servers.size() == 1) options.flags |= ARES_FLAG_NOCHECKRESP;
  options.timeout = static_cast<int>(settings.timeout.count());
  options.tries = settings.tries;
  options.ednspsz = settings.payload;
  options.sock_state_cb = Channel::on_socket;
  options.sock_state_cb_data = channel_.get();
  const int mask =
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&channel_->ares, &options, mask) != ARES_SUCCESS) {
    channel_->ares = nullptr;
    return;
  }
  if (settings.servers.empty()) return;
  std::vector<ares_addr_port_node> nodes(settings.servers.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Address& server = settings.servers[i];
    nodes[i].next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
    nodes[i].family = server.family();
    nodes[i].udp_port = nodes[i].tcp_port = server.port();
    const std::string_view bytes = server.host_bytes();
    std::ranges::copy(bytes, reinterpret_cast<char*>(&nodes[i].addr));
  }
  ares_set_servers_ports(channel_->ares, nodes.data());
}

DnsClient::~DnsClient() {
  if (channel_->ares != nullptr) ares_destroy(channel_->ares);
}

void DnsClient::ask(const std::string& name, DnsKind kind, Done done) {
  if (channel_->ares == nullptr) {
    done({});
    return;
  }
  auto question = std::make_unique<Question>(Question{kind, std::move(done)});
  ares_query(channel_->ares, name.c_str(), ns_c_in, type_of(kind), on_answer, question.release());
  channel_->arm();
}

}  // namespace reseal::net
