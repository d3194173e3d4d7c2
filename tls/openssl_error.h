// OpenSSL's error queue, which belongs to the thread and not to a connection: cleared before each call,
// drained after a failure. A stale entry is the classic way for one connection's failure to end another.
#pragma once

#include <string>

namespace reseal::tls {

/// The text of the newest entry ("certificate verify failed"), "no reason given" when there is none. Empties
/// the queue.
std::string take_openssl_error();

/// Empties the queue; nearly free when it is empty, unlike ERR_clear_error(), which wipes every slot each time.
void clear_openssl_errors();

}  // namespace reseal::tls
