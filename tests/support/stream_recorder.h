// What a stream tells its owner, noted for a test. Single thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lb/net/byte_stream.h"

namespace reseal::test {

/// Notes what a stream tells.
struct Recorder : net::StreamEvents {
  virtual ~Recorder() = default;
  void on_open() override { note("open "); }
  void on_data(std::string_view bytes) override {
    data += bytes;
    note("");
  }
  void on_end() override { note("end "); }
  void on_drained() override { note("drained "); }
  void on_peer_ended_early() override { note("ended early "); }
  void on_failure(const Error& error) override {
    failure = error;
    note("failure ");
  }
  void note(const char* what) {
    log += what;
    if (then) then(what);
  }

  std::string data;
  std::string log;  ///< "open end " and so on, without the data
  Error failure{Code::kOk, Origin::kLocal, "", 0, 0, 0};
  std::function<void(std::string_view)> then;  ///< called after each event
};

}  // namespace reseal::test
