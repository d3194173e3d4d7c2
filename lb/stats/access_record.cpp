#include "lb/stats/access_record.h"

namespace reseal::stats {

std::string_view word_of(Answerer answerer) {
  switch (answerer) {
    case Answerer::kNobody:
      break;
    case Answerer::kReseal:
      return "reseal";
    case Answerer::kServer:
      return "server";
  }
  return "nobody";
}

std::string_view word_of(RequestPhase phase) {
  switch (phase) {
    case RequestPhase::kRequest:
      break;
    case RequestPhase::kQueue:
      return "queue";
    case RequestPhase::kConnect:
      return "connect";
    case RequestPhase::kResponseHead:
      return "response_head";
    case RequestPhase::kResponseBody:
      return "response_body";
  }
  return "request";
}

}  // namespace reseal::stats
