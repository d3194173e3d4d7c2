// stats_page: of a frontend or a backend.
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

void read_uri(ValueReader& reader, const YamlNode& node, const char* key, StatsPage& page) {
  reader.visible(node, key, "what the targets begin with, such as /stats", page.uri);
}

void read_auth(ValueReader& reader, const YamlNode& node, const char* key, StatsPage& page) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string account;
    reader.text(*text, key, account);
    const std::size_t colon = account.find(':');
    if (colon == std::string::npos) {
      reader.error(text->place,
                   std::string(key) + " has an account without a password; accepted: USER:PASSWORD");
    } else {
      page.users.emplace_back(account.substr(0, colon), account.substr(colon + 1));
    }
  }
}
void write_auth(SectionWriter& writer, const char* key, const StatsPage& page, const StatsPage&) {
  std::vector<std::string> accounts;
  for (const auto& [user, password] : page.users) accounts.push_back(user + ':' + password);
  if (!accounts.empty()) writer.texts(key, accounts);
}

/// true: the process's own; a text: that.
template <auto kMember>
void shown_text_of(ValueReader& reader, const YamlNode& node, const char* key, StatsPage& page) {
  std::string text;
  reader.text(node, key, text);
  page.*kMember = text == "true" ? std::string() : text;
}
template <auto kMember>
void write_shown_text(SectionWriter& writer, const char* key, const StatsPage& page, const StatsPage&) {
  const auto& text = page.*kMember;
  if (text) writer.text(key, text->empty() ? "true" : *text);
}

void read_scopes(ValueReader& reader, const YamlNode& node, const char* key, StatsPage& page) {
  for (const YamlNode* text : reader.text_or_list(node, key))
    reader.text(*text, key, page.scopes.emplace_back());
}

constexpr Key<StatsPage> kPageKeys[] = {
    {"uri", read_uri, "\"/haproxy?stats\"", "/stats", write_text<&StatsPage::uri>},
    text_key<&StatsPage::realm>("realm", "HAProxy Statistics", "Statistics"),
    {"auth", read_auth, "(anybody may look)", "\"admin:secret\"", write_auth},
    duration_key<&StatsPage::refresh>("refresh", "(when told to)", "10s"),
    boolean_key<&StatsPage::hides_version>("hide_version", "false", "true"),
    boolean_key<&StatsPage::shows_legends>("show_legends", "false", "true"),
    {"show_node", shown_text_of<&StatsPage::node>, "(not shown)", "true", write_shown_text<&StatsPage::node>},
    {"show_description", shown_text_of<&StatsPage::description>, "(not shown)", "\"the shop\"",
     write_shown_text<&StatsPage::description>},
    {"scopes", read_scopes, "(all)", "[web, \".\"]", write_texts<&StatsPage::scopes>},
};

}  // namespace

void read_stats_page(ValueReader& reader, const YamlNode& node, const char* key,
                     std::optional<StatsPage>& page) {
  read_section<StatsPage>(reader, node, key, kPageKeys, page.emplace());
}

void write_stats_page(SectionWriter& writer, const char* key, const std::optional<StatsPage>& page) {
  if (!page) return;
  writer.section(
      key, [&](SectionWriter& inner) { write_section<StatsPage>(inner, kPageKeys, *page, {}); }, true);
}

void append_stats_page_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<StatsPage>(all, prefix, kPageKeys);
}

}  // namespace reseal::config
