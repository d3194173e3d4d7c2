#include "lb/proxy/error_policy.h"

namespace reseal::proxy {

ErrorReply error_reply(Code code) {
  switch (code) {
    case Code::kClientGone:
    case Code::kClientTlsFailed:
    case Code::kProxyHeaderInvalid:
      return {0, true, ""};
    case Code::kClientTimeout:
      return {408, true, "The request did not arrive in time."};
    case Code::kBadRequest:
      return {400, true, "The request breaks the rules of HTTP."};
    case Code::kAmbiguousRequest:
      return {400, true, "The request could be read in more than one way."};
    case Code::kHeadTooLarge:
      return {431, true, "The request's header section is too large."};
    case Code::kTargetTooLong:
      return {414, true, "The request's target is too long."};
    case Code::kBodyTooLarge:
      return {413, true, "The request's body is too large."};
    case Code::kMethodRefused:
      return {405, true, "This method is not served here."};
    case Code::kVersionRefused:
      return {505, true, "Only HTTP/1.0 and HTTP/1.1 are served here."};
    case Code::kExpectationRefused:
      return {417, true, "Only the expectation 100-continue is served."};
    case Code::kCodingRefused:
      return {501, true, "Only the transfer coding chunked is served."};
    case Code::kRequestDenied:
      return {403, false, "This request is not allowed here."};
    case Code::kResponseDenied:
      return {502, false, "The server's response is not passed on."};
    case Code::kNoRoute:
      return {404, false, "No backend is configured for this request."};
    case Code::kNoServerUp:
      return {503, false, "No server is available."};
    case Code::kQueueFull:
    case Code::kQueueTimeout:
      return {503, false, "Every server is busy."};
    case Code::kConnectFailed:
      return {502, false, "The server could not be reached."};
    case Code::kConnectTimeout:
      return {504, false, "The server could not be reached in time."};
    case Code::kServerCertificateUntrusted:
    case Code::kServerCertificateExpired:
    case Code::kServerCertificateNameMismatch:
    case Code::kServerCertificateInvalid:
    case Code::kServerRequiresCertificate:
    case Code::kServerPlaintext:
    case Code::kServerTlsFailed:
      return {502, false, "No trusted connection to the server could be made."};
    case Code::kServerReset:
    case Code::kServerClosed:
    case Code::kServerTruncated:
    case Code::kServerRefused:
      return {502, false, "The server ended the connection before its response was complete."};
    case Code::kServerWentDown:
    case Code::kBackupRelieved:
      return {502, false, "The server was taken out of service before its response was complete."};
    case Code::kServerCannotUpgrade:
      return {502, false, "The server takes no such upgrade over HTTP/2."};
    case Code::kTunnelTimeout:
    case Code::kServerTimeout:
      return {504, false, "The server did not answer in time."};
    case Code::kBadResponse:
      return {502, false, "The server's response breaks the rules of HTTP."};
    case Code::kOutOfDescriptors:
      return {503, false, "The load balancer is at its limit."};
    case Code::kStopped:
      return {503, true, "The load balancer is stopping."};
    case Code::kOk:
    case Code::kIo:
    case Code::kInternal:
    case Code::kCount_:
      break;
  }
  return {500, true, "The load balancer failed."};
}

}  // namespace reseal::proxy
