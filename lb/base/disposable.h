// Things that the loop's graveyard can hold until the end of the turn.
#pragma once

namespace reseal {

class Disposable {
 public:
  Disposable() = default;
  virtual ~Disposable() = default;
  Disposable(const Disposable&) = delete;
  Disposable& operator=(const Disposable&) = delete;
};

}  // namespace reseal
