#include "lb/cli/master.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "lb/cli/exit_status.h"

namespace reseal::cli {
namespace {

constexpr int kBySignal = 128;  // what a shell adds to a signal's number

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Master::Turn Master::run() {
  const sigset_t watched = watched_signals();
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC);
  if (start_worker()) return {true, false, 0};
  while (!workers_.empty()) {
    std::array<pollfd, 2> waiting{
        {{signals_, POLLIN, 0}, {news_, POLLIN, 0}}};  // a negative one is passed over
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) break;
    if (waiting[1].revents != 0) on_news();
    if ((waiting[0].revents & POLLIN) == 0) continue;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof(info)) != sizeof(info)) continue;
    if (on_signal(static_cast<int>(info.ssi_signo))) return {true, true, 0};
  }
  return {false, false, status_};
}

bool Master::start_worker() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const int worker = ::fork();
  if (worker == 0) {
    const sigset_t watched = watched_signals();
    ::sigprocmask(SIG_UNBLOCK, &watched, nullptr);
    ::close(signals_);
    ::close(ends[0]);
    news_ = ends[1];
    return true;
  }
  ::close(ends[1]);
  if (worker < 0) {
    ::close(ends[0]);
    complain("there is no process to be had for a worker");
    status_ = kFailed;
    return false;
  }
  workers_.insert(worker);
  starting_ = worker;
  news_ = ends[0];
  return false;
}

void Master::ready() const {
  [[maybe_unused]] const ssize_t written = ::write(news_, "r", 1);
  ::close(news_);
}

void Master::on_news() {
  char word = 0;
  const bool is_ready = ::read(news_, &word, 1) == 1;
  ::close(news_);
  news_ = -1;
  if (!is_ready) return;  // it has ended, or is about to: SIGCHLD tells
  const int old = serving_;
  serving_ = starting_;
  starting_ = 0;
  if (old != 0) {
    ::kill(old, SIGUSR1);
  } else {
    on_first_ready_();
  }
}

bool Master::on_signal(int signal) {
  if (signal == SIGCHLD) {
    reap();
  } else if (signal == SIGUSR2 || signal == SIGHUP) {
    // One at a time: what it will read is what the files say by then.
    return !stopping_ && starting_ == 0 && start_worker();
  } else {
    stop(signal);
  }
  return false;
}

void Master::stop(int signal) {
  stopping_ = true;
  if (signal == SIGINT) status_ = kBySignal + SIGINT;
  for (const int worker : workers_) ::kill(worker, signal == SIGUSR1 ? SIGUSR1 : SIGTERM);
}

void Master::reap() {
  int status = 0;
  for (int worker = ::waitpid(-1, &status, WNOHANG); worker > 0; worker = ::waitpid(-1, &status, WNOHANG)) {
    if (workers_.erase(worker) > 0) on_worker_ended(worker, status);
  }
}

void Master::on_worker_ended(int worker, int status) {
  const int shown = WIFSIGNALED(status) ? kBySignal + WTERMSIG(status) : WEXITSTATUS(status);
  if (news_ >= 0 && worker == starting_) on_news();  // it may have come up before it ended
  if (stopping_ || (worker != starting_ && worker != serving_)) return;
  if (worker == starting_) {
    starting_ = 0;
    if (serving_ == 0) {
      status_ = shown != 0 ? shown : kFailed;
    } else {
      complain("the reload failed; the worker before goes on");
    }
    return;
  }
  // Nobody serves any more: who watches over the master is to see it.
  complain(fmt::format("the worker ended with status {}", shown));
  stop(SIGTERM);
  status_ = shown;
}

}  // namespace reseal::cli
