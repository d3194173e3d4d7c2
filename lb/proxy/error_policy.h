// What the client is told for each cause: status, and whether its connection may go on. One table; pure.
#pragma once

#include "lb/base/error.h"

namespace reseal::proxy {

struct ErrorReply {
  int status;        ///< 0: nobody is there to answer
  bool close;        ///< the client connection ends after the reply
  const char* hint;  ///< one sentence for the reply's body
};

/// Total over Code.
ErrorReply error_reply(Code code);

}  // namespace reseal::proxy
