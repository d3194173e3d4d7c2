// The body of a request that may have to be sent again: what was taken from the client, up to a bound. A member of
// the server side. Single thread.
#pragma once

#include <string_view>

#include "lb/base/byte_queue.h"
#include "lb/http/exchange_ends.h"

namespace reseal::proxy {

class Replay {
 public:
  static constexpr std::size_t kMost = 64 * 1024;

  explicit Replay(BufferPool& pool) : bytes_(pool) {}

  /// A request begins.
  void begin() {
    bytes_.clear();
    complete_ = true;
  }
  void keep(std::string_view data) {
    if (!complete_) return;
    if (bytes_.size() + data.size() <= kMost) {
      bytes_.append(data);
    } else {
      give_up();
    }
  }
  /// What was taken before there was a server: kept in any case, since it has to be sent once.
  void keep_unsent(std::string_view data) { bytes_.append(data); }
  /// Something that was taken is not kept.
  void give_up() {
    complete_ = false;
    bytes_.clear();
  }
  /// It will not be sent again.
  void clear() { bytes_.clear(); }

  /// Nothing taken from the client is missing.
  [[nodiscard]] bool is_complete() const { return complete_; }
  void send(http::RequestWriter& writer) const {
    for (const Chunk* chunk = bytes_.chunks(); chunk != nullptr; chunk = chunk->next) {
      writer.send_body({chunk->data + chunk->begin, chunk->end - chunk->begin});
    }
  }

 private:
  ByteQueue bytes_;
  bool complete_ = true;
};

}  // namespace reseal::proxy
