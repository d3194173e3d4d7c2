#include "lb/stats/stats_html.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

namespace reseal::stats {
namespace {

using C = Column;

constexpr std::string_view kStyle =
    "body{font:14px/1.45 system-ui,sans-serif;margin:1.5em;color:#1c2126;background:#fff}"
    "h1{font-size:1.4em;margin:0}h2{font-size:1.1em;margin:1.6em 0 .3em}p{margin:.3em 0}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.2em .55em;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid "
    "#dde2e6}th{font-weight:600;color:#56616b}td:first-child,th:first-child,td.t,th.t{"
    "text-align:left}tr.f,tr.b{background:#f4f6f8}.up{color:#11702f}.down{color:#b3141b;font-weight:600}"
    ".going{color:#a15c00}small{color:#56616b}form{display:inline}"
    "@media(prefers-color-scheme:dark){body{color:#dfe4e8;background:#15191d}tr.f,tr.b{background:#1e2429}"
    "th,small{color:#9aa5af}th,td{border-color:#2c343b}a{color:#7fb4ff}.up{color:#5fd38a}.down{color:#ff7a80}"
    ".going{color:#ffb454}}";

/// As text of an element or of an attribute.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

struct Cell {
  const char* heading;
  C column;
  const char* meaning;
  bool is_text = false;
};

constexpr std::array kCells = {
    Cell{"Status", C::kStatus, "for how long: the next one", true},
    Cell{"for", C::kLastchg, "seconds in this state"},
    Cell{"Sessions", C::kScur, "now"},
    Cell{"most", C::kSmax, "at a time"},
    Cell{"limit", C::kSlim, "at a time"},
    Cell{"total", C::kStot, "sessions in all"},
    Cell{"Rate", C::kRate, "sessions a second, over the last one"},
    Cell{"Requests", C::kReqTot, "in all"},
    Cell{"Queue", C::kQcur, "requests that wait now"},
    Cell{"Bytes in", C::kBin, "from clients"},
    Cell{"out", C::kBout, "to clients"},
    Cell{"2xx", C::kHrsp2xx, "responses"},
    Cell{"3xx", C::kHrsp3xx, "responses"},
    Cell{"4xx", C::kHrsp4xx, "responses"},
    Cell{"5xx", C::kHrsp5xx, "responses"},
    Cell{"Denied", C::kDreq, "requests that a rule denied"},
    Cell{"Errors", C::kEreq, "requests that were none"},
    Cell{"conn", C::kEcon, "requests without a connection to a server"},
    Cell{"resp", C::kEresp, "responses that were none"},
    Cell{"Retries", C::kWretr, "on the same server"},
    Cell{"moved", C::kWredis, "to another server"},
    Cell{"Time ms", C::kTtime, "mean of the last 1024 requests"},
    Cell{"Weight", C::kWeight, "of the server, or of those that serve"},
    Cell{"Act", C::kAct, "servers that serve"},
    Cell{"Bck", C::kBck, "backup servers"},
    Cell{"Check", C::kCheckStatus, "the last result", true},
    Cell{"failed", C::kChkfail, "checks"},
    Cell{"downs", C::kChkdown, "how often it went down"},
    Cell{"down s", C::kDowntime, "seconds in all"},
};

std::string_view class_of(std::string_view status) {
  if (status.starts_with("DOWN") || status == "STOP") return "down";
  return status.find('/') != std::string_view::npos && !status.starts_with("UP (") ? "going" : "up";
}

class Html {
 public:
  Html(const Snapshot& snapshot, const HtmlWish& wish) : snapshot_(snapshot), wish_(wish) {}

  void head();
  void process();
  void proxy(std::span<const StatRow> rows);
  std::string take() { return {text_.data(), text_.size()}; }

 private:
  template <class... Values>
  void out(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  void row(const StatRow& row);
  [[nodiscard]] std::string link(std::string_view suffix, std::string_view text) const {
    return fmt::format("<a href=\"{}{}\">{}</a>", escaped(wish_.uri), suffix, text);
  }

  const Snapshot& snapshot_;
  const HtmlWish& wish_;
  fmt::memory_buffer text_;
};

void Html::head() {
  const ProcessFacts& process = snapshot_.process;
  std::string on;
  if (wish_.node) on += " on " + escaped(wish_.node->empty() ? process.node : *wish_.node);
  if (wish_.description)
    on += ": " + escaped(wish_.description->empty() ? process.description : *wish_.description);
  out("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Statistics{}</title>"
      "<meta name=\"viewport\" content=\"width=device-width\"><style>{}</style></head><body>\n",
      on, kStyle);
  // Tools look for these words of HAProxy's page.
  if (wish_.hides_version) {
    out("<h1>HAProxy statistics <small>by reseal</small></h1>\n");
  } else {
    out("<h1>HAProxy version {} <small>spoken by reseal {}</small></h1>\n", escaped(process.haproxy_version),
        escaped(snapshot_.version));
  }
  out("<p>Statistics for pid {}{}</p>\n", process.pid, on);
}

void Html::process() {
  const ProcessFacts& process = snapshot_.process;
  const auto uptime = static_cast<std::uint64_t>(snapshot_.uptime_seconds);
  out("<p><b>pid = </b> {} (process #1, nbproc = 1, nbthread = {})<br>\n<b>uptime = </b> {}d "
      "{}h{:02}m{:02}s<br>\n"
      "<b>maxsock = </b> {}; <b>maxconn = </b> {}; current conns = {}; idle = {} %</p>\n",
      process.pid, snapshot_.workers, uptime / 86400, uptime / 3600 % 24, uptime / 60 % 60, uptime % 60,
      process.descriptors, process.most_connections, process.connections, process.idle_percent);
  out("<p>{} &middot; {} &middot; {} &middot; {} &middot; <form method=\"get\" action=\"{}\">names with "
      "<input "
      "name=\"scope\" size=\"10\" value=\"{}\"></form></p>\n",
      link("", "refresh"), wish_.only_up ? link("", "all servers") : link(";up", "only servers that are up"),
      link(";csv;norefresh", "CSV"), link(";json;norefresh", "JSON"), escaped(wish_.uri),
      escaped(wish_.scope));
}

void Html::row(const StatRow& row) {
  const std::string status = row.text(C::kStatus);
  const std::string address = row.text(C::kAddr);
  out("<tr class=\"{}\"><td>{}{}</td>", "fbs"[static_cast<std::size_t>(row.kind)],
      escaped(row.text(C::kSvname)),
      address.empty() ? "" : fmt::format(" <small>{}</small>", escaped(address)));
  for (const Cell& cell : kCells) {
    if (cell.column == C::kStatus) {
      out("<td class=\"t {}\">{}</td>", class_of(status), escaped(status));
    } else {
      out("<td{}>{}</td>", cell.is_text ? " class=\"t\"" : "", escaped(row.text(cell.column)));
    }
  }
  out("</tr>\n");
}

void Html::proxy(std::span<const StatRow> rows) {
  const StatRow& first = rows.front();
  const std::string name = escaped(first.text(C::kPxname));
  const std::string algorithm = rows.back().text(C::kAlgo);
  out("<h2 id=\"{}\">{} <small>{}{}{}</small></h2>\n<table><tr><th></th>", name, name,
      escaped(first.text(C::kMode)), algorithm.empty() ? "" : ", ", escaped(algorithm));
  for (const Cell& cell : kCells)
    out("<th{} title=\"{}\">{}</th>", cell.is_text ? " class=\"t\"" : "", cell.meaning, cell.heading);
  out("</tr>\n");
  for (const StatRow& each : rows) row(each);
  out("</table>\n");
}

}  // namespace

std::string stats_html(const Snapshot& snapshot, std::span<const StatRow> rows, const HtmlWish& wish) {
  Html html(snapshot, wish);
  html.head();
  html.process();
  while (!rows.empty()) {
    std::size_t count = 1;
    while (count < rows.size() && rows[count].proxy == rows.front().proxy) ++count;
    html.proxy(rows.first(count));
    rows = rows.subspan(count);
  }
  return html.take() + "</body></html>\n";
}

}  // namespace reseal::stats
