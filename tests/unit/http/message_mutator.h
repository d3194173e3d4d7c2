// Damages messages in the ways that tell parsers apart. Deterministic: a seed gives one series. Tests only.
#pragma once

#include <span>
#include <string>

#include "lb/base/random.h"

namespace reseal::http::test {

class MessageMutator {
 public:
  /// `seeds` is borrowed and not empty.
  MessageMutator(std::span<const std::string> seeds, std::uint64_t seed) : seeds_(seeds), random_(seed) {}

  /// One of the seeds with one to four changes.
  std::string next();

 private:
  std::size_t place_in(const std::string& text) { return random_.below(text.size() + 1); }
  void change(std::string& text);

  std::span<const std::string> seeds_;
  Random random_;
};

}  // namespace reseal::http::test
