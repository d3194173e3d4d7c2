#include "lb/proxy/server_cookie.h"

#include <algorithm>
#include <cstring>

#include "lb/base/text.h"
#include "lb/http/characters.h"
#include "lb/http/cookie.h"

namespace reseal::proxy {
namespace {

using Mode = backends::ServerCookiePersistence::Mode;
using std::chrono::seconds;

constexpr char kPrefixEnd = '~';
constexpr char kDate = '|';

// A date is five digits of base 64: the seconds since the epoch in steps of four.
constexpr std::size_t kDateDigits = 5;
constexpr int kStep = 4;
constexpr int kDigitBits = 6;
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// So far in the future may the clock of another balancer be.
constexpr seconds kMostAhead{86400};

/// 0: it is none.
seconds parse_date(std::string_view text) {
  std::int64_t steps = 0;
  for (std::size_t i = 0; i < kDateDigits; ++i) {
    const std::size_t digit = i < text.size() ? kDigits.find(text[i]) : std::string_view::npos;
    if (digit == std::string_view::npos) return seconds(0);
    steps = steps << kDigitBits | static_cast<std::int64_t>(digit);
  }
  return seconds(steps * kStep);
}

char* write_date(char* out, seconds date) {
  const std::int64_t steps = date.count() / kStep;
  *out++ = kDate;
  for (std::size_t i = kDateDigits; i-- > 0;)
    *out++ = kDigits[static_cast<std::size_t>(steps >> (kDigitBits * static_cast<int>(i))) % kDigits.size()];
  return out;
}

char* write(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// `text` with `with` in place of its piece `part`.
std::string_view replaced(std::string_view text, std::string_view part, std::string_view with, Arena& arena) {
  const auto before = static_cast<std::size_t>(part.data() - text.data());
  char* const begin = arena.allocate(text.size() + with.size());
  char* end = write(begin, text.substr(0, before));
  end = write(end, with);
  end = write(end, text.substr(before + part.size()));
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Without blanks around the '=' of `pair`, a piece of `field`.
std::string_view tidied(std::string_view field, std::string_view pair, Arena& arena) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return field;
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  std::size_t begin = equals, end = equals + 1;
  while (begin > 0 && is_blank(pair[begin - 1])) --begin;
  while (end < pair.size() && is_blank(pair[end])) ++end;
  return end - begin == 1 ? field : replaced(field, pair.substr(begin, end - begin), "=", arena);
}

/// The same for every cookie of a request's field: written once, however many of them it is about.
std::string_view tidied_cookies(std::string_view field, Arena& arena) {
  const bool is_tidy = std::ranges::none_of(std::initializer_list<std::string_view>{"= ", " =", "=\t", "\t="},
                                            [&](std::string_view blank) { return field.contains(blank); });
  if (is_tidy) return field;
  char* const begin = arena.allocate(field.size());
  char* end = begin;
  for (std::size_t at = 0; at < field.size();) {
    const std::size_t next = std::min(field.find(';', at), field.size());
    const std::string_view pair = field.substr(at, next - at);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      end = write(end, pair);
    } else {
      const auto last = pair.substr(0, equals).find_last_not_of(" \t");
      end = write(end, pair.substr(0, last == std::string_view::npos ? 0 : last + 1));
      *end++ = '=';
      const auto first = pair.find_first_not_of(" \t", equals + 1);
      if (first != std::string_view::npos) end = write(end, pair.substr(first));
    }
    if (next != field.size()) *end++ = ';';
    at = next + 1;
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Up to the server's own value, without what names the server before it.
std::string_view without_prefix(std::string_view field, std::string_view name, Arena& arena) {
  std::string_view found;
  http::for_each_cookie(field, [&](const http::Cookie& cookie, std::string_view) {
    const std::size_t end = cookie.name == name ? cookie.value.find(kPrefixEnd) : std::string_view::npos;
    if (found.empty() && end != std::string_view::npos) found = cookie.value.substr(0, end + 1);
  });
  return found.empty() ? field : replaced(field, found, "", arena);
}

bool has_field(const http::ResponseHead& head, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(head.fields, [&](const http::Field& field) {
    return !field.drop && std::ranges::any_of(names, [&](std::string_view name) {
      return equals_ignoring_case(field.name, name);
    });
  });
}

/// What HAProxy takes for something that a shared cache would keep: no word is against it, and how long it is fresh, or how to
/// ask whether it still is, can be told (RFC 9110 15.1, 9.2.1; RFC 9111 3).
bool is_cacheable(const http::ResponseHead& head, bool is_safe_method) {
  static constexpr int kStatuses[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
  bool cacheable = is_safe_method && std::ranges::find(kStatuses, head.status) != std::end(kStatuses);
  for (const http::Field& field : head.fields) {
    if (!field.drop && equals_ignoring_case(field.name, "pragma") &&
        equals_ignoring_case(field.value, "no-cache"))
      return false;
  }
  bool is_dated = has_field(head, {"expires", "etag", "last-modified"});
  for (const http::Field& field : head.fields) {
    if (field.id != http::FieldName::kCacheControl || field.drop) continue;
    http::for_each_element(field.value, [&](std::string_view directive) {
      if (equals_ignoring_case(directive, "public")) cacheable = true;
      for (const std::string_view word : {"private", "no-cache", "no-store", "max-age=0", "s-maxage=0"})
        if (equals_ignoring_case(directive, word)) cacheable = false;
      for (const std::string_view word : {"max-age", "s-maxage"}) {
        if (directive.size() >= word.size() && equals_ignoring_case(directive.substr(0, word.size()), word) &&
            !directive.ends_with("age=0"))
          is_dated = true;
      }
    });
  }
  return cacheable && is_dated;
}

}  // namespace

// ---- the request

bool ServerCookie::is_outdated(const Policy& policy, WallSeconds now) {
  const auto is_over = [&](seconds date, seconds most) {
    const seconds age = now.time_since_epoch() - date;
    return date.count() != 0 && most.count() != 0 && (age > most || -age > kMostAhead);
  };
  if (is_over(first_seen_, policy.settings().max_life)) {
    sent_ = Sent::kOld;
  } else if (is_over(last_seen_, policy.settings().max_idle)) {
    sent_ = Sent::kExpired;
  } else {
    return false;
  }
  first_seen_ = last_seen_ = seconds(0);
  return true;
}

std::string_view ServerCookie::name_in(const Policy& policy, std::string_view value, WallSeconds now) {
  if (policy.settings().mode == Mode::kPrefix) return value.substr(0, value.find(kPrefixEnd));
  const std::size_t bar = value.find(kDate);
  if (bar == std::string_view::npos) return value;
  const std::string_view dates = value.substr(bar + 1);
  if (const seconds date = parse_date(dates); date.count() > 0) last_seen_ = date;
  const std::size_t second = dates.find(kDate);
  if (second != std::string_view::npos) {
    if (const seconds date = parse_date(dates.substr(second + 1)); date.count() > 0) first_seen_ = date;
  }
  return is_outdated(policy, now) ? std::string_view() : value.substr(0, bar);
}

void ServerCookie::look_up(const Policy& policy, std::string_view name) {
  const bool is_unused = orders_.ignored || orders_.assigned;
  const auto found = server_ || is_unused ? Policy::Found{} : policy.find(name, orders_.asks_down);
  if (found.is_known) sent_ = found.server && found.is_up ? Sent::kValid : Sent::kDown;
  if (found.server) server_ = found.server;
  if (sent_ == Sent::kNone) sent_ = is_unused ? Sent::kUnused : Sent::kInvalid;
}

void ServerCookie::look_at_request(const Policy& policy, http::RequestHead& head, WallSeconds now) {
  is_post_ = head.method == http::Method::kPost;
  is_cacheable_method_ = head.method == http::Method::kGet || head.method == http::Method::kHead ||
                         head.method == http::Method::kOptions || head.method == http::Method::kTrace;
  const Policy::Settings& settings = policy.settings();
  for (http::Field& field : head.fields) {
    if (field.id != http::FieldName::kCookie || field.drop) continue;
    field.value = tidied_cookies(field.value, head.arena);
    http::for_each_cookie(field.value, [&](const http::Cookie& cookie, std::string_view) {
      if (cookie.name == settings.name) look_up(policy, name_in(policy, cookie.value, now));
    });
    if (settings.mode == Mode::kPrefix) {
      field.value = without_prefix(field.value, settings.name, head.arena);
    } else if (settings.mode == Mode::kInsert && settings.indirect) {
      field.value = http::without_cookie(field.value, settings.name, head.arena);
      if (field.value.empty()) field.drop = true;
    }
  }
}

// ---- the response

void ServerCookie::look_at_set_cookie(const Policy& policy, std::uint32_t server, http::ResponseHead& head,
                                      http::Field& field) {
  const Policy::Settings& settings = policy.settings();
  field.value = tidied(field.value, field.value.substr(0, field.value.find(';')), head.arena);
  const http::Cookie cookie = http::parse_cookie(field.value.substr(0, field.value.find_first_of(";,")));
  if (cookie.name != settings.name) return;
  answer_ = Answer::kPassive;
  if (settings.preserve) return;
  const std::string_view ours = policy.value_of(server, head.arena);
  if (settings.mode == Mode::kInsert || (is_direct_ && settings.indirect)) {
    field.drop = true;
    answer_ = Answer::kDeleted;
  } else if (settings.mode == Mode::kRewrite && !ours.empty()) {
    field.value = replaced(field.value, cookie.value, ours, head.arena);
    answer_ = Answer::kRewritten;
  } else if (settings.mode == Mode::kPrefix && !ours.empty()) {
    const std::string_view end(&kPrefixEnd, 1);
    const std::string_view prefix = replaced(end, end.substr(0, 0), ours, head.arena);
    field.value = replaced(field.value, cookie.value.substr(0, 0), prefix, head.arena);
    answer_ = Answer::kRewritten;
  }
}

bool ServerCookie::is_to_be_set(const Policy& policy, WallSeconds now) const {
  const Policy::Settings& settings = policy.settings();
  if (settings.mode != Mode::kInsert || orders_.ignored || (settings.postonly && !is_post_)) return false;
  if (settings.preserve && answer_ == Answer::kPassive) return false;
  if (!is_direct_) return true;
  // A client that has it keeps it, unless its dates are to be set anew.
  const bool tells_use = settings.max_idle.count() != 0 || last_seen_.count() != 0;
  const bool is_past = last_seen_.count() == 0 || last_seen_ < now.time_since_epoch();
  return (tells_use && is_past) || (settings.max_life.count() != 0) == (first_seen_.count() == 0);
}

std::string_view ServerCookie::text_of(const Policy& policy, std::uint32_t server, Arena& arena,
                                       WallSeconds now) const {
  const std::string_view text = policy.set_cookie(server, arena);
  const std::string_view value = policy.value_of(server, arena);
  if (!policy.is_dated() || value.empty()) return text;
  const std::size_t name = policy.settings().name.size() + 1 + value.size();
  const seconds rounded_up = now.time_since_epoch() + seconds(kStep - 1);
  constexpr std::size_t kTwoDates = 2 * (kDateDigits + 1);
  char* const begin = arena.allocate(text.size() + kTwoDates);
  char* end = write_date(write(begin, text.substr(0, name)), rounded_up);
  if (policy.settings().max_life.count() != 0)
    end = write_date(end, first_seen_.count() != 0 ? first_seen_ : rounded_up);
  end = write(end, text.substr(name));
  return {begin, static_cast<std::size_t>(end - begin)};
}

void ServerCookie::look_at_response(const Policy& policy, std::uint32_t server, http::ResponseHead& head,
                                    WallSeconds now) {
  is_direct_ = server_ == server || orders_.assigned == server;
  // It was asked for and could not be had.
  if (server_ && !is_direct_ && sent_ == Sent::kValid) sent_ = Sent::kDown;
  for (http::Field& field : head.fields) {
    if (field.id == http::FieldName::kSetCookie && !field.drop && !orders_.ignored)
      look_at_set_cookie(policy, server, head, field);
  }
  if (!is_to_be_set(policy, now)) return;
  const bool cacheable = policy.settings().nocache && is_cacheable(head, is_cacheable_method_);
  head.add(http::FieldName::kSetCookie, "Set-Cookie", text_of(policy, server, head.arena, now));
  answer_ = is_direct_ && !policy.value_of(server, head.arena).empty() ? Answer::kUpdated : Answer::kInserted;
  if (cacheable) head.add(http::FieldName::kCacheControl, "Cache-control", "private");
}

std::string_view ServerCookie::log_letters(const Policy& policy) const {
  if (policy.settings().mode == Mode::kPassive && !policy.settings().indirect) return "--";
  // Every pair, so that a view of one can be returned.
  static constexpr std::string_view kPairs =
      "NNNPNDNINRNUINIPIDIIIRIUDNDPDDDIDRDUVNVPVDVIVRVUENEPEDEIEREUONOPODOIOROUUNUPUDUIURUU";
  constexpr std::size_t kAnswers = 6;
  return kPairs.substr(2 * (static_cast<std::size_t>(sent_) * kAnswers + static_cast<std::size_t>(answer_)),
                       2);
}

}  // namespace reseal::proxy
