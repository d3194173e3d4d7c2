// A process that goes into the background once it serves: until then whoever started it waits, and sees what goes wrong.
//
//   enter() ──fork──► parent: waits for ready() or the child's end, and ends with its status
//                └──► child: goes on; ready() lets the parent go and leaves the terminal
//
// Before there are threads. One a process.
#pragma once

namespace reseal::cli {

class Background {
 public:
  /// Returns in the child only; false: it cannot be made, and everything is as before.
  bool enter();
  /// Of the child, once. Without enter() before, nothing.
  void ready();
  /// Of a process that the child has made: leaves the terminal too, and tells nobody.
  void follow_into_it();

 private:
  static void leave_terminal();

  int told_ = -1;  // the parent reads at its other end
};

}  // namespace reseal::cli
