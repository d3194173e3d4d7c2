#include "lb/stats/termination_state.h"

#include <iterator>

namespace reseal::stats {
namespace {

/// Whom HAProxy would name for a cause: as we do, but for these. Its own time-outs are in small letters.
char blamed_for(Code cause) {
  switch (cause) {
    case Code::kOk:
      return '-';
    case Code::kClientGone:
    case Code::kClientTlsFailed:
      return 'C';
    case Code::kClientTimeout:
      return 'c';
    case Code::kBadResponse:
    case Code::kResponseDenied:
      return 'P';
    case Code::kQueueTimeout:
    case Code::kConnectTimeout:
    case Code::kServerTimeout:
    case Code::kTunnelTimeout:
      return 's';
    case Code::kOutOfDescriptors:
      return 'R';
    case Code::kStopped:
      return 'K';
    case Code::kServerWentDown:
      return 'D';
    case Code::kBackupRelieved:
      return 'U';
    default:
      break;
  }
  switch (fault_of(cause)) {
    case Origin::kClient:
      return 'P';  // the proxy refused
    case Origin::kServer:
      return 'S';
    case Origin::kLocal:
      break;
  }
  return 'I';
}

// Every pair, so that a view of one can be returned: for each blamed letter the phases in their order.
constexpr std::string_view kStates[] = {
    "CR", "CQ", "CC", "CH", "CD", "cR", "cQ", "cC", "cH", "cD", "PR", "PQ", "PC", "PH", "PD", "SR", "SQ",
    "SC", "SH", "SD", "sR", "sQ", "sC", "sH", "sD", "RR", "RQ", "RC", "RH", "RD", "KR", "KQ", "KC", "KH",
    "KD", "DR", "DQ", "DC", "DH", "DD", "UR", "UQ", "UC", "UH", "UD", "IR", "IQ", "IC", "IH", "ID",
};
constexpr std::size_t kPhases = 5;

std::string_view state_of(char blamed, RequestPhase phase) {
  for (std::size_t i = 0; i < std::size(kStates); i += kPhases) {
    if (kStates[i][0] == blamed) return kStates[i + static_cast<std::size_t>(phase)];
  }
  return "--";
}

}  // namespace

std::string_view termination_state(Code cause, RequestPhase phase, Answerer answerer, LogMode mode) {
  if (cause == Code::kOk) return answerer == Answerer::kReseal ? "LR" : "--";
  // HAProxy gives no phase to a tunnel that it ends for its server's sake.
  const bool is_tunnel = mode == LogMode::kTcp && phase == RequestPhase::kResponseBody;
  if (is_tunnel && cause == Code::kServerWentDown) return "D-";
  if (is_tunnel && cause == Code::kBackupRelieved) return "U-";
  if (cause == Code::kNoRoute) return "SC";  // no server could be connected to, whatever had been read
  return state_of(blamed_for(cause), phase);
}

}  // namespace reseal::stats
