#include "lb/cli/background.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "lb/cli/exit_status.h"

namespace reseal::cli {
namespace {

/// Waits for the child's word and ends the process.
[[noreturn]] void follow(int child, int news) {
  char word = 0;
  ssize_t read = 0;
  do {
    read = ::read(news, &word, 1);
  } while (read < 0 && errno == EINTR);
  if (read == 1) ::_exit(kDone);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : kFailed);
}

}  // namespace

bool Background::enter() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const int child = ::fork();
  if (child > 0) {
    ::close(ends[1]);  // so that the child's end is seen
    follow(child, ends[0]);
  }
  ::close(ends[0]);
  if (child < 0) {
    ::close(ends[1]);
    return false;
  }
  told_ = ends[1];
  return true;
}

void Background::leave_terminal() {
  ::setsid();
  if (const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC); nothing >= 0) {
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, standard);
    if (nothing > STDERR_FILENO) ::close(nothing);
  }
}

void Background::follow_into_it() {
  if (told_ < 0) return;
  leave_terminal();
  ::close(told_);
  told_ = -1;
}

void Background::ready() {
  if (told_ < 0) return;
  leave_terminal();
  // Nothing is lost if nobody waits any more.
  [[maybe_unused]] const ssize_t written = ::write(told_, "r", 1);
  ::close(told_);
  told_ = -1;
}

}  // namespace reseal::cli
