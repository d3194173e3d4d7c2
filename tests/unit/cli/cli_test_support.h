// What the command line's tests share: a folder, a process that answers one question with fixed bytes, and a
// run of the command line with its two outputs caught.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "lb/cli/command_line.h"
#include "lb/net/listening_socket.h"
#include "tests/support/temporary_folder.h"

namespace reseal::cli {

using Folder = test::TemporaryFolder;

/// A listening unix socket that nobody accepts from.
inline net::Fd listening_socket(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  net::Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (::bind(fd.value(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0 ||
      ::listen(fd.value(), 8) != 0) {
    throw std::runtime_error("cannot listen at " + path);
  }
  return fd;
}

/// Stands in for a running reseal: takes one line, answers `wire` in pieces, closes, and is gone.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string wire, std::size_t piece = 1000)
      : thread_([socket = listening_socket(path), wire = std::move(wire), piece, this] {
          const net::Fd client(::accept(socket.value(), nullptr, nullptr));
          char c = 0;
          while (::read(client.value(), &c, 1) == 1 && c != '\n') line_ += c;
          for (std::size_t at = 0; at < wire.size(); at += piece) {
            const std::string part = wire.substr(at, piece);
            if (::send(client.value(), part.data(), part.size(), MSG_NOSIGNAL) < 0) break;
          }
        }) {}
  /// The line that was asked.
  std::string line() {
    if (thread_.joinable()) thread_.join();
    return line_;
  }
  ~OneAnswer() { line(); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

 private:
  std::string line_;  // written by the thread, read after it
  std::thread thread_;
};

struct Outcome {
  int status;
  std::string out, error;
};

/// One of the process's outputs, caught in a file while the object lives.
class Caught {
 public:
  explicit Caught(int fd) : fd_(fd), saved_(::dup(fd)), file_(std::tmpfile()) {
    ::dup2(::fileno(file_), fd_);
  }
  std::string text() {
    std::fflush(nullptr);
    std::string all;
    std::array<char, 4096> buffer{};
    std::rewind(file_);
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file_))
      all.append(buffer.data(), count);
    return all;
  }
  ~Caught() {
    std::fflush(nullptr);
    ::dup2(saved_, fd_);
    ::close(saved_);
    std::fclose(file_);
  }
  Caught(const Caught&) = delete;
  Caught& operator=(const Caught&) = delete;

 private:
  int fd_, saved_;
  std::FILE* file_;
};

inline Outcome run_reseal(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "reseal");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::fflush(nullptr);
  Caught out(1), error(2);
  const int status = run_command_line(static_cast<int>(argv.size()), argv.data());
  return {status, out.text(), error.text()};
}

}  // namespace reseal::cli
