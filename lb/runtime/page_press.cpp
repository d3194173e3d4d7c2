#include "lb/runtime/page_press.h"

#include <algorithm>

#include "lb/stats/haproxy_exporter.h"
#include "lb/stats/haproxy_stat.h"
#include "lb/stats/stats_html.h"

namespace reseal::runtime {
namespace {

constexpr int kAgeForCost = 10;

bool has_word(std::string_view words, std::string_view word) {
  return words.find(word) != std::string_view::npos;
}

/// What follows "scope=" up to the next parameter.
std::string scope_of(std::string_view words) {
  constexpr std::string_view kName = "scope=";
  constexpr std::size_t kLongest = 64;
  const std::size_t begin = words.find(kName);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = words.substr(begin + kName.size());
  return std::string(rest.substr(0, std::min(rest.find_first_of("&;"), kLongest)));
}

}  // namespace

const stats::Snapshot& PagePress::snapshot() {
  const TimePoint now = Clock::now();
  if (taken_ == TimePoint() || now - taken_ >= cost_ * kAgeForCost) {
    snapshot_ = control_.snapshot();
    taken_ = Clock::now();
    cost_ = taken_ - now;
  }
  return snapshot_;
}

std::shared_ptr<const proxy::Page> PagePress::print(const proxy::PageWish& wish) {
  auto page = std::make_shared<proxy::Page>();
  if (wish.page == nullptr) {
    page->content_type = "text/plain; version=0.0.4";
    page->text =
        stats::exporter_text(snapshot(), stats::exporter_wish(wish.target).value_or(stats::ExporterWish()));
    return page;
  }
  const config::StatsPage& settings = wish.page->settings();
  const std::string_view words = std::string_view(wish.target).substr(settings.uri.size());
  stats::StatWish rows;
  rows.legends = settings.shows_legends;
  rows.only_up = has_word(words, ";up");
  rows.no_maint = has_word(words, ";no-maint");
  rows.scope = scope_of(words);
  for (const std::string& scope : settings.scopes)
    rows.proxies.push_back(scope == "." ? wish.page->proxy() : scope);
  page->refreshes = !has_word(words, ";norefresh");
  const auto made = stats::stat_rows(snapshot(), rows);
  if (has_word(words, ";csv")) {
    page->content_type = "text/plain";
    page->text = stats::stat_csv(made);
  } else if (has_word(words, ";json")) {
    page->content_type = "application/json";
    page->text = stats::stat_json(made);
  } else {
    page->content_type = "text/html; charset=utf-8";
    stats::HtmlWish html{settings.uri, rows.scope,    settings.hides_version,
                         rows.only_up, settings.node, settings.description};
    page->text = stats::stats_html(snapshot_, made, html);
  }
  return page;
}

}  // namespace reseal::runtime
