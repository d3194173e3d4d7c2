// The process that stays while others serve, as HAProxy's master does (-W, -Ws): it keeps the rights and the view of files that those
// who serve give up, so that a reload can read everything again. A new worker is a fork of it; once that one serves, the one before
// is told to finish. One thread, no loop of libuv; no more state than the numbers of its workers.
//
//   USR2, HUP: a new worker, which the old one stays for if it does not come up    USR1: workers finish    TERM, INT: they end
//
// One a process, before there are threads.
#pragma once

#include <functional>
#include <set>

namespace reseal::cli {

class Master {
 public:
  /// `on_first_ready` is called in the master once its first worker serves.
  explicit Master(std::function<void()> on_first_ready) : on_first_ready_(std::move(on_first_ready)) {}

  struct Turn {
    bool is_worker = false;  ///< this process is one that has just been forked: it is to serve
    bool replaces = false;   ///< with is_worker: beside another worker
    int status = 0;          ///< otherwise: everything is over, with this exit status
  };
  /// Returns in every worker, and in the master at the end.
  Turn run();
  /// Of a worker: it serves.
  void ready() const;

 private:
  /// True in the worker.
  bool start_worker();
  void on_news();
  /// True in a new worker.
  bool on_signal(int signal);
  void reap();
  void on_worker_ended(int worker, int status);
  void stop(int signal);

  std::function<void()> on_first_ready_;
  std::set<int> workers_;
  int serving_ = 0;   // the worker that came up last; 0: none has
  int starting_ = 0;  // one that has not come up yet; 0: none
  int signals_ = -1;  // signalfd
  int news_ = -1;     // of the worker that is starting; in a worker: to the master
  bool stopping_ = false;
  int status_ = 0;
};

}  // namespace reseal::cli
