// delivery: of a log: how its lines go to the target.
#include <array>

#include "lb/base/text.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

using stats::LogForm;
using stats::LogLevel;

constexpr int kShortest = 80;
constexpr int kLongest = 65535;
constexpr std::uint64_t kMostSample = 1'000'000;

constexpr std::array<std::pair<const char*, LogForm>, 8> kForms = {{
    {"raw", LogForm::kRaw},
    {"local", LogForm::kLocal},
    {"rfc3164", LogForm::kRfc3164},
    {"rfc5424", LogForm::kRfc5424},
    {"priority", LogForm::kPriority},
    {"short", LogForm::kShort},
    {"timed", LogForm::kTimed},
    {"iso", LogForm::kIso},
}};

constexpr std::array<std::pair<const char*, LogLevel>, 8> kLevels = {{
    {"emerg", LogLevel::kEmergency},
    {"alert", LogLevel::kAlert},
    {"crit", LogLevel::kCritical},
    {"err", LogLevel::kError},
    {"warning", LogLevel::kWarning},
    {"notice", LogLevel::kNotice},
    {"info", LogLevel::kInformational},
    {"debug", LogLevel::kDebug},
}};

void read_host(ValueReader& reader, const YamlNode& node, const char* key, LogDelivery& delivery) {
  reader.visible(node, key, "the name of a machine", delivery.host);
}

void read_length(ValueReader& reader, const YamlNode& node, const char* key, LogDelivery& delivery) {
  int length = static_cast<int>(delivery.most_bytes);
  reader.integer(node, key, kShortest, kLongest, length);
  delivery.most_bytes = static_cast<std::uint32_t>(length);
}

/// "1-2,5:10": of ten lines the first two and the fifth. False if it is none.
bool read_sample_text(std::string_view text, LogDelivery& delivery) {
  const std::size_t colon = text.find(':');
  const auto size = parse_decimal(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (!size || *size == 0 || *size > kMostSample) return false;
  delivery.sample_size = static_cast<std::uint32_t>(*size);
  for (std::string_view ranges = text.substr(0, colon); !ranges.empty();) {
    const std::string_view range = ranges.substr(0, ranges.find(','));
    const std::size_t dash = range.find('-');
    const auto low = parse_decimal(range.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : parse_decimal(range.substr(dash + 1));
    if (!low || !high || *low == 0 || *high < *low || *high > *size) return false;
    delivery.sample.emplace_back(static_cast<std::uint32_t>(*low), static_cast<std::uint32_t>(*high));
    ranges.remove_prefix(std::min(range.size() + 1, ranges.size()));
  }
  return !delivery.sample.empty();
}
void read_sample(ValueReader& reader, const YamlNode& node, const char* key, LogDelivery& delivery) {
  delivery.sample.clear();
  if (!node.is_scalar() || !read_sample_text(node.text, delivery))
    reader.error(node.place, std::string(key) + " is " + shown(node) +
                                 "; accepted: RANGES:SIZE such as \"1:10\" or \"1-2,5:10\"");
}
void write_sample(SectionWriter& writer, const char* key, const LogDelivery& delivery, const LogDelivery&) {
  if (delivery.sample.empty()) return;
  std::string text;
  for (const auto& [low, high] : delivery.sample) {
    text += (text.empty() ? "" : ",") + std::to_string(low);
    if (high != low) text += '-' + std::to_string(high);
  }
  writer.text(key, text + ':' + std::to_string(delivery.sample_size));
}

using Delivery = LogDelivery;
constexpr Key<Delivery> kDeliveryKeys[] = {
    word_key<&Delivery::form, kForms>("form", "(by the target)", "rfc5424"),
    {"host", read_host, "(the machine's name)", "lb1", write_text<&Delivery::host>},
    word_key<&Delivery::least_severe, kLevels>("least_severe", "debug", "notice"),
    word_key<&Delivery::most_severe, kLevels>("most_severe", "emerg", "notice"),
    {"length", read_length, "(by the target)", "1024", write_number<&Delivery::most_bytes>},
    boolean_key<&Delivery::marks_cuts>("mark_cuts", "(by the target)", "true"),
    boolean_key<&Delivery::ends_datagrams>("end_datagrams", "false", "true"),
    {"sample", read_sample, "(all)", "\"1:10\"", write_sample},
};

}  // namespace

void read_delivery(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  section_of<&AccessLog::delivery, kDeliveryKeys>(reader, node, key, log);
}
void write_delivery(SectionWriter& writer, const char* key, const AccessLog& log, const AccessLog& usual) {
  write_inner<&AccessLog::delivery, kDeliveryKeys>(writer, key, log, usual);
}

void append_log_delivery_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Delivery>(all, prefix, kDeliveryKeys);
}

}  // namespace reseal::config
