// The sections of a backend about waiting, trying again, and servers that are not to be trusted: queue, retry, outlier.
#include <utility>

#include "lb/base/text.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

constexpr int kMostAttempts = 10;
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
    {"timeout", duration_of<&Queue::timeout>, "5s", "1s"},
    {"length", integer_of<&Queue::length, 1, kMostQueue>, "1000", "100"},
    {"body_rate", read_body_rate, "500", "2KiB"},
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

constexpr Key<Retry> kRetryKeys[] = {
    {"attempts", integer_of<&Retry::attempts, 0, kMostAttempts>, "2", "1"},
    {"on", read_on, "[connect_failure, empty_response, response_timeout]", "[connect_failure, 503]"},
    {"non_idempotent", boolean_of<&Retry::non_idempotent>, "false", "true"},
    {"budget", percent_of<&Retry::budget_percent, 0, kAll>, "20%", "10%"},
    {"try_timeout", duration_of<&Retry::try_timeout>, "10s", "2s"},
};

// ---- outlier

constexpr Key<Outlier> kOutlierKeys[] = {
    {"consecutive_errors", integer_of<&Outlier::consecutive_errors, 0, kMostStreak>, "5", "10"},
    {"error_rate", percent_of<&Outlier::error_percent, 0, kAll>, "0%", "50%"},
    {"least_requests", integer_of<&Outlier::least_requests, 1, kMostLeastRequests>, "20", "100"},
    {"server_errors", boolean_of<&Outlier::server_errors>, "false", "true"},
    {"eject_for", duration_of<&Outlier::eject_for>, "30s", "10s"},
    {"max_ejected", percent_of<&Outlier::max_ejected_percent, 0, kAll>, "50%", "30%"},
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

void append_retry_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Queue>(all, prefix + "queue.", kQueueKeys);
  append_keys<Retry>(all, prefix + "retry.", kRetryKeys);
  append_keys<Outlier>(all, prefix + "outlier.", kOutlierKeys);
}

}  // namespace reseal::config
