#include "lb/stats/log_header.h"

namespace reseal::stats {
namespace {

constexpr unsigned kLevels = 8;

std::string sender_text(LogForm form, const LogHeader::Sender& sender) {
  switch (form) {
    case LogForm::kLocal:
      return sender.tag + "[" + sender.process + "]: ";
    case LogForm::kRfc3164:
      return sender.host + " " + sender.tag + "[" + sender.process + "]: ";
    case LogForm::kRfc5424:
      return " " + sender.host + " " + sender.tag + " " + sender.process + " - ";
    default:
      return "";
  }
}

}  // namespace

LogHeader::LogHeader(LogForm form, const Sender& sender)
    : form_(form), facility_(sender.facility), sender_(sender_text(form, sender)) {}

void LogHeader::write(LogLevel level, WallTime now, std::string_view structured_data, LogLine& line) const {
  if (form_ == LogForm::kRaw) return;
  if (form_ != LogForm::kIso) {
    const bool with_facility = form_ != LogForm::kShort && form_ != LogForm::kTimed;
    line.put('<');
    line.number(static_cast<unsigned>(level) +
                (with_facility ? static_cast<unsigned>(facility_) * kLevels : 0));
    line.put('>');
  }
  switch (form_) {
    case LogForm::kLocal:
    case LogForm::kRfc3164:
      line.raw(line.date().rfc3164(now));
      line.put(' ');
      line.raw(sender_);
      break;
    case LogForm::kRfc5424:
      line.raw("1 ");
      line.raw(line.date().rfc5424(now));
      line.raw(sender_);
      line.raw(structured_data.empty() ? "-" : structured_data);
      line.put(' ');
      break;
    case LogForm::kTimed:
    case LogForm::kIso:
      line.raw(line.date().rfc5424(now));
      line.put(' ');
      break;
    default:
      break;
  }
}

}  // namespace reseal::stats
