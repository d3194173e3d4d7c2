// The sections of a backend about waiting, trying again, and servers that are not to be trusted: queue, retry, outlier.
#include <utility>

#include "lb/base/text.h"
#include "lb/config/schema_backend.h"

namespace reseal::config {
namespace {

constexpr int kMostAttempts = 100;
constexpr int kMostQueue = 1'000'000;
constexpr std::uint32_t kMostBodyRate = 1024 * 1024;
constexpr int kMostStreak = 1000;
constexpr int kMostLeastRequests = 1'000'000;
constexpr int kAll = 100;

template <auto kMember, int kLeast, int kMost, class Section>
void percent_of(ValueReader& reader, const YamlNode& node, const char* key, Section& section) {
  reader.percent(node, key, kLeast, kMost, "20%", section.*kMember);
}

// ---- queue

void read_body_rate(ValueReader& reader, const YamlNode& node, const char* key, Queue& queue) {
  reader.size(node, key, 0, kMostBodyRate, queue.body_rate);
}

constexpr Key<Queue> kQueueKeys[] = {
    duration_key<&Queue::timeout>("timeout", "5s", "1s"),
    integer_key<&Queue::length, 1, kMostQueue>("length", "1000", "100"),
    {"body_rate", read_body_rate, "500", "2KiB", write_size<&Queue::body_rate>},
};

// ---- retry

using Conditions = std::vector<std::pair<std::string, bool Retry::*>>;

const Conditions& conditions() {
  static const Conditions kAllConditions = {{"connect_failure", &Retry::connect_failure},
                                            {"empty_response", &Retry::empty_response},
                                            {"response_timeout", &Retry::response_timeout},
                                            {"bad_response", &Retry::bad_response}};
  return kAllConditions;
}

/// A status that tells of a server's trouble, not of what the request asks for.
bool read_status(const std::string& text, Retry& retry) {
  constexpr std::uint64_t kLeast = 400;
  constexpr std::uint64_t kMost = 599;
  const auto status = parse_decimal(text);
  if (!status || *status < kLeast || *status > kMost) return false;
  retry.statuses.push_back(static_cast<int>(*status));
  return true;
}

void read_on(ValueReader& reader, const YamlNode& node, const char* key, Retry& retry) {
  std::vector<std::string> names;
  for (const auto& [name, member] : conditions()) {
    names.push_back(name);
    retry.*member = false;
  }
  if (node.is_scalar() && node.text == "nothing") return;
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    bool known = false;
    for (const auto& [name, member] : conditions()) {
      if (text->text != name) continue;
      retry.*member = known = true;
    }
    if (known || read_status(text->text, retry)) continue;
    reader.error(text->place, std::string(key) + " is " + shown(*text) + did_you_mean(text->text, names) +
                                  " (accepted: " + one_of(names) + " and statuses from 400 to 599)");
  }
}

void write_on(SectionWriter& writer, const char* key, const Retry& retry, const Retry& usual) {
  std::vector<std::string> texts;
  bool differs = retry.statuses != usual.statuses;
  for (const auto& [name, member] : conditions()) {
    if (retry.*member) texts.push_back(name);
    differs = differs || retry.*member != usual.*member;
  }
  for (const int status : retry.statuses) texts.push_back(std::to_string(status));
  if (differs) texts.empty() ? writer.text(key, "nothing") : writer.texts(key, texts);
}

/// "never", each of so many ("3"), or so many before the last ("last-1").
void read_redispatch(ValueReader& reader, const YamlNode& node, const char* key, Retry& retry) {
  constexpr std::string_view kLast = "last-";
  const bool is_last = node.is_scalar() && node.text.starts_with(kLast);
  const auto number = parse_decimal(!node.is_scalar() ? ""
                                    : is_last         ? std::string_view(node.text).substr(kLast.size())
                                                      : std::string_view(node.text));
  if (node.is_scalar() && node.text == "never") {
    retry.redispatch = 0;
  } else if (number && *number >= 1 && *number <= kMostAttempts) {
    retry.redispatch = is_last ? -static_cast<int>(*number) : static_cast<int>(*number);
  } else {
    reader.error(node.place,
                 std::string(key) + " is " + shown(node) +
                     "; accepted: never, 3 (every third), last-1 (the one before the last is over)");
  }
}
void write_redispatch(SectionWriter& writer, const char* key, const Retry& retry, const Retry&) {
  if (!retry.redispatch) return;
  const int number = *retry.redispatch;
  writer.text(key, number == 0  ? "never"
                   : number > 0 ? std::to_string(number)
                                : "last-" + std::to_string(-number));
}

constexpr Key<Retry> kRetryKeys[] = {
    integer_key<&Retry::attempts, 0, kMostAttempts>("attempts", "2", "1"),
    {"on", read_on, "[connect_failure, empty_response, response_timeout]", "[connect_failure, 503]",
     write_on},
    boolean_key<&Retry::non_idempotent>("non_idempotent", "false", "true"),
    {"budget", percent_of<&Retry::budget_percent, 0, kAll>, "20%", "10%",
     write_percent<&Retry::budget_percent>},
    {"redispatch", read_redispatch, "(every one)", "3", write_redispatch},
    boolean_key<&Retry::stale_connection>("stale_connection", "false", "true"),
    duration_key<&Retry::try_timeout>("try_timeout", "10s", "2s"),
};

// ---- outlier

constexpr Key<Outlier> kOutlierKeys[] = {
    integer_key<&Outlier::consecutive_errors, 0, kMostStreak>("consecutive_errors", "5", "10"),
    {"error_rate", percent_of<&Outlier::error_percent, 0, kAll>, "0%", "50%",
     write_percent<&Outlier::error_percent>},
    integer_key<&Outlier::least_requests, 1, kMostLeastRequests>("least_requests", "20", "100"),
    boolean_key<&Outlier::server_errors>("server_errors", "false", "true"),
    duration_key<&Outlier::eject_for>("eject_for", "30s", "10s"),
    {"max_ejected", percent_of<&Outlier::max_ejected_percent, 0, kAll>, "50%", "30%",
     write_percent<&Outlier::max_ejected_percent>},
};

}  // namespace

void read_queue(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  backend.queue.place = node.place;
  read_section<Queue>(reader, node, "queue of backend '" + backend.name + "'", kQueueKeys, backend.queue);
}

void read_retry(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  backend.retry.place = node.place;
  read_section<Retry>(reader, node, "retry of backend '" + backend.name + "'", kRetryKeys, backend.retry);
}

void read_retries(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  reader.integer(node, key, 0, kMostAttempts, backend.retry.attempts);
}

void read_outlier(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  if (node.is_map()) {
    read_section<Outlier>(reader, node, "outlier of backend '" + backend.name + "'", kOutlierKeys,
                          backend.outlier);
  } else {
    reader.word<bool>(node, key, {{"off", false}, {"on", true}}, backend.outlier.enabled);
  }
}

void write_queue(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual) {
  write_inner<&Backend::queue, kQueueKeys>(writer, key, backend, usual);
}

void write_retry(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual) {
  write_inner<&Backend::retry, kRetryKeys>(writer, key, backend, usual);
}

void write_outlier(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual) {
  if (!backend.outlier.enabled) return writer.text(key, "off");
  write_inner<&Backend::outlier, kOutlierKeys>(writer, key, backend, usual);
}

void append_retry_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Queue>(all, prefix + "queue.", kQueueKeys);
  append_keys<Retry>(all, prefix + "retry.", kRetryKeys);
  append_keys<Outlier>(all, prefix + "outlier.", kOutlierKeys);
}

}  // namespace reseal::config
