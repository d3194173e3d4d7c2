#include "lb/haproxy/log_line.h"

#include <algorithm>
#include <array>

namespace reseal::haproxy {
namespace {

constexpr std::array<std::string_view, 24> kFacilities = {
    "kern",   "user",   "mail",   "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "auth2",  "ftp",    "ntp",    "audit",  "alert",  "cron2",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};

/// The severities of RFC 5424, most severe first.
constexpr std::array<std::string_view, 8> kLevels = {"emerg",   "alert",  "crit", "err",
                                                     "warning", "notice", "info", "debug"};

struct FormName {
  std::string_view name;
  stats::LogForm form;
};
constexpr std::array kForms = {
    FormName{"local", stats::LogForm::kLocal},     FormName{"rfc3164", stats::LogForm::kRfc3164},
    FormName{"rfc5424", stats::LogForm::kRfc5424}, FormName{"priority", stats::LogForm::kPriority},
    FormName{"short", stats::LogForm::kShort},     FormName{"timed", stats::LogForm::kTimed},
    FormName{"iso", stats::LogForm::kIso},         FormName{"raw", stats::LogForm::kRaw},
};

constexpr int kShortest = 80;
constexpr int kLongest = 65535;
constexpr int kDefaultLength = 1024;
constexpr int kMostSample = 1'000'000;
constexpr int kMostDescriptor = 65535;

/// Reads one line from word to word.
class LogLineReader {
 public:
  LogLineReader(Translator& translator, const Line& line) : translator_(translator), line_(line) {}

  std::optional<LogTargetDraft> read() {
    log_.place = translator_.place_of(line_, 1);
    log_.tag.clear();
    log_.haproxy_format = true;
    log_.format.clear();
    log_.delivery.form = stats::LogForm::kLocal;
    log_.delivery.most_bytes = kDefaultLength;
    log_.delivery.ends_datagrams = true;
    read_target();
    // In this order, as HAProxy has it.
    if (is_next("len")) read_length();
    if (is_next("format")) read_form();
    if (is_next("sample")) read_sample();
    read_facility();
    if (has_more()) read_level(log_.delivery.least_severe);
    if (has_more()) read_level(log_.delivery.most_severe);
    translator_.expect_end(line_, word_);
    if (has_failed_) return std::nullopt;
    return LogTargetDraft{std::move(log_), names_form_};
  }

 private:
  [[nodiscard]] bool has_more() const { return word_ < line_.words.size(); }
  [[nodiscard]] bool is_next(std::string_view name) const {
    return has_more() && line_.words[word_].text == name;
  }
  void wrong(const std::string& message) {
    translator_.error(line_, word_, message);
    has_failed_ = true;
  }

  void read_target() {
    std::string target =
        translator_.argument(line_, 1, "an address, a path, stdout or stderr, and a facility");
    word_ = 1;
    if (target.empty()) {
      has_failed_ = true;
    } else if (target == "stdout" || target == "stderr") {
      log_.target = target == "stdout" ? config::AccessLogTarget::kStdout : config::AccessLogTarget::kStderr;
    } else if (target.starts_with("fd@")) {
      log_.target = config::AccessLogTarget::kDescriptor;
      const auto number = parse_number(std::string_view(target).substr(3), 0, kMostDescriptor);
      number ? void(log_.descriptor = *number) : wrong(number.error());
    } else if (target.starts_with("ring@") || target.starts_with("tcp@") || target.starts_with("tcp4@") ||
               target.starts_with("tcp6@") || target.starts_with("abns@")) {
      wrong("log targets of the kind '" + target.substr(0, target.find('@')) +
            "' are not there yet: an address (UDP), the path of a unix socket, stdout, stderr and fd@N are");
    } else if (target.starts_with('/') || target.starts_with("unix@")) {
      log_.target = config::AccessLogTarget::kSyslogUnix;
      log_.path = target.starts_with('/') ? target : target.substr(sizeof("unix@") - 1);
    } else {
      read_udp(target);
    }
    ++word_;
  }

  void read_udp(std::string target) {
    log_.target = config::AccessLogTarget::kSyslogUdp;
    for (const auto& [udp, family] :
         {std::pair("udp@", ""), std::pair("udp4@", "ipv4@"), std::pair("udp6@", "ipv6@")}) {
      if (target.starts_with(udp)) target = family + target.substr(std::string_view(udp).size());
    }
    // Without a host HAProxy sends to any address, which is this machine.
    if (target.starts_with(':') || target.starts_with("*:") || target.starts_with("0.0.0.0:"))
      target = "127.0.0.1" + target.substr(target.find(':'));
    const auto address = parse_server_address(target);
    if (!address) return wrong(address.error());
    log_.host = address->host;
    if (address->port != 0) log_.port = address->port;
  }

  void read_length() {
    const std::string text = translator_.argument(line_, ++word_, "a length in bytes");
    const auto length = parse_number(text, kShortest, kLongest);
    length ? void(log_.delivery.most_bytes = static_cast<std::uint32_t>(*length)) : wrong(length.error());
    ++word_;
  }

  void read_form() {
    const std::string name = translator_.argument(line_, ++word_, "a format");
    const auto* const found = std::ranges::find(kForms, name, &FormName::name);
    if (found == kForms.end()) {
      wrong("'" + name +
            "' is no format of log lines: rfc3164, rfc5424, priority, short, timed, iso, local and raw are");
    } else {
      log_.delivery.form = found->form;
      names_form_ = true;
    }
    ++word_;
  }

  /// "1-2,4:10"
  void read_sample() {
    const std::string text = translator_.argument(line_, ++word_, "RANGES:SIZE");
    const std::string_view view = text;
    const std::size_t colon = view.find(':');
    const auto size = parse_number(colon == std::string::npos ? "" : view.substr(colon + 1), 1, kMostSample);
    std::string_view ranges = view.substr(0, colon);
    while (size && !ranges.empty()) {
      const std::string_view range = ranges.substr(0, ranges.find(','));
      const std::size_t dash = range.find('-');
      const auto low = parse_number(range.substr(0, dash), 1, *size);
      const auto high = dash == std::string_view::npos ? low : parse_number(range.substr(dash + 1), 1, *size);
      if (!low || !high || *high < *low) break;
      log_.delivery.sample.emplace_back(*low, *high);
      ranges.remove_prefix(std::min(range.size() + 1, ranges.size()));
    }
    if (!size || !ranges.empty() || log_.delivery.sample.empty()) {
      wrong("'" + text +
            "' is no sample: RANGES:SIZE such as 1:10 or 1-2,5:10 is expected, no range above the size");
    } else {
      log_.delivery.sample_size = static_cast<std::uint32_t>(*size);
    }
    ++word_;
  }

  void read_facility() {
    const std::string name = translator_.argument(line_, word_, "a facility such as local0");
    const auto* const found = std::ranges::find(kFacilities, name);
    if (found != kFacilities.end()) {
      log_.facility = static_cast<int>(found - kFacilities.begin());
    } else if (!name.empty()) {
      wrong("'" + name + "' is no facility: local0 and the like are");
    } else {
      has_failed_ = true;
    }
    ++word_;
  }

  void read_level(stats::LogLevel& level) {
    const std::string& name = line_.words[word_].text;
    const auto* const found = std::ranges::find(kLevels, name);
    if (found == kLevels.end()) {
      wrong("'" + name + "' is no level: emerg, alert, crit, err, warning, notice, info and debug are");
    } else {
      level = static_cast<stats::LogLevel>(found - kLevels.begin());
    }
    ++word_;
  }

  Translator& translator_;
  const Line& line_;
  config::AccessLog log_;
  std::size_t word_ = 1;
  bool names_form_ = false;
  bool has_failed_ = false;
};

}  // namespace

std::optional<LogTargetDraft> read_log_target(Translator& translator, const Line& line) {
  return LogLineReader(translator, line).read();
}

void read_global_log(Translator& translator, const Line& line) {
  if (line.words.front().text == "no") {
    translator.global.logs.clear();
  } else if (auto log = read_log_target(translator, line)) {
    translator.global.logs.push_back(std::move(*log));
  }
}

void read_global_log_tag(Translator& translator, const Line& line) {
  translator.global.log_tag = translator.argument(line, 1, "a name");
}

void read_log_send_hostname(Translator& translator, const Line& line) {
  translator.global.log_host = line.words.size() > 1 ? line.words[1].text : "";
  translator.expect_end(line, 2);
}

}  // namespace reseal::haproxy
