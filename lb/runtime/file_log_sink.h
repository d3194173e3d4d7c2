// Access log lines into a file, a pipe, a terminal or a socket. Owner: the log thread.
#pragma once

#include "lb/net/fd.h"
#include "lb/runtime/log_sink.h"

namespace reseal::runtime {

class FileLogSink final : public LogSink {
 public:
  /// A file by its path: appended to, created with mode 0640. A named pipe may be without a reader.
  static Result<std::unique_ptr<LogSink>> open(const std::string& path);
  /// A descriptor of the process (1, 2), which stays open.
  static std::unique_ptr<LogSink> inherit(int descriptor);
  ~FileLogSink() override;

  Outcome write(std::string_view text) override;
  Result<void> reopen() override;

 private:
  enum class Kind : std::uint8_t { kRegular, kSocket, kOther };

  FileLogSink(net::Fd fd, std::string path, bool owned);
  void use(net::Fd fd);
  /// Like ::write, but -1 with EAGAIN where it would have to wait.
  [[nodiscard]] ssize_t write_some(std::string_view text) const;

  net::Fd fd_;
  std::string path_;  // empty: inherited
  bool owned_;
  Kind kind_ = Kind::kRegular;
  bool line_ended_ = true;  // the last byte written was a line's last
  bool rest_lost_ = false;  // the rest of that line was given up
};

}  // namespace reseal::runtime
