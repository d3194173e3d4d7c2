#include "lb/runtime/log_thread.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <utility>

#include "lb/runtime/log_writer.h"

namespace reseal::runtime {

LogThread::LogThread(Log& log)
    : writer_(std::make_unique<LogWriter>(loop_, log)),
      mailbox_(loop_, [this](Message message) { on_message(std::move(message)); }),
      lines_waiting_(loop_, [this] { writer_->write(); }) {}

LogThread::~LogThread() {
  if (!thread_.joinable()) return;
  mailbox_.post(End{});
  thread_.join();
}

void LogThread::start() {
  thread_ = std::thread([this] {
    // Signals are for the control thread.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    loop_.run();
  });
  pthread_setname_np(thread_.native_handle(), "access-log");
}

Result<std::shared_ptr<stats::AccessChannel>> LogThread::channel(const config::AccessLog& log) {
  const std::string key = log.text() + (log.delivery.ends_datagrams ? "\n" : "");
  if (const auto known = channels_.find(key); known != channels_.end()) return known->second;
  auto sink = open_log_sink(log);
  if (!sink) return std::unexpected(sink.error());
  auto channel = std::make_shared<stats::AccessChannel>(log.text(), [this] { lines_waiting_.notify(); });
  mailbox_.post(Add{channel, std::move(*sink)});
  if (!thread_.joinable()) start();
  channels_[key] = channel;
  return channel;
}

void LogThread::reopen() {
  mailbox_.post(Reopen{});
}

void LogThread::close_unused() {
  // New users come from channel() only, on this thread: a channel that nobody but this table and the writer holds
  // stays unused.
  std::erase_if(channels_, [this](auto& entry) {
    if (entry.second.use_count() > 2) return false;
    mailbox_.post(Remove{std::move(entry.second)});
    return true;
  });
}

std::vector<stats::AccessLogSnapshot> LogThread::snapshot() const {
  std::vector<stats::AccessLogSnapshot> logs;
  for (const auto& [key, channel] : channels_) {
    logs.push_back({channel->target(), channel->written(), channel->dropped(), channel->failed()});
  }
  return logs;
}

void LogThread::on_message(Message message) {
  if (auto* added = std::get_if<Add>(&message)) {
    writer_->add(std::move(added->channel), std::move(added->sink));
  } else if (auto* removed = std::get_if<Remove>(&message)) {
    writer_->remove(removed->channel);
  } else if (std::holds_alternative<Reopen>(message)) {
    writer_->reopen();
  } else {
    writer_->finish();
    loop_.stop();
  }
}

}  // namespace reseal::runtime
