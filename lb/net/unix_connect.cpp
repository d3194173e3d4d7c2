#include "lb/net/unix_connect.h"

#include <cerrno>
#include <utility>

namespace reseal::net {
namespace {

constexpr Duration kPause{5};

}  // namespace

UnixConnect::UnixConnect(Loop& loop, std::string path, Told told)
    : loop_(loop),
      path_(std::move(path)),
      told_(std::move(told)),
      again_(Timer::bind<&UnixConnect::attempt>(this)) {
  attempt();
}

void UnixConnect::attempt() {
  auto fd = connect_unix(path_);
  if (!fd && fd.error().system == EAGAIN) {
    loop_.start_timer(again_, kPause);
  } else {
    told_(std::move(fd));
  }
}

}  // namespace reseal::net
