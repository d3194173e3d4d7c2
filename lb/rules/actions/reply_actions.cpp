// Answers of reseal's own: return, redirect, auth, use-service.
#include <array>

#include "lb/rules/actions/action_table.h"
#include "lb/rules/actions/answer_words.h"
#include "lb/rules/expression/bounded_text.h"
#include "lb/rules/expression/field_walk.h"

namespace reseal::rules::actions {
namespace {

class Return final : public Action {
 public:
  explicit Return(Answer answer) : answer_(std::move(answer)) {}
  Verdict run(Run&) const override { return {Verdict::Kind::kAnswer, &answer_}; }

 private:
  Answer answer_;
};

Compiled<std::unique_ptr<Action>> read_return(ActionWords& words) {
  auto answer = take_answer(words, 200);
  if (!answer) return std::unexpected(answer.error());
  return std::make_unique<Return>(std::move(*answer));
}

// ---- redirect

class Redirect final : public Action {
 public:
  enum class To : std::uint8_t { kLocation, kPrefix, kScheme };
  struct Options {
    To to = To::kLocation;
    expression::Format text;
    bool drops_query = false;
    bool appends_slash = false;
    bool ignores_empty = false;
  };

  Redirect(Options options, Answer answer) : options_(std::move(options)), answer_(std::move(answer)) {
    answer_.kind = Answer::Kind::kRedirect;
  }

  Verdict run(Run& run) const override {
    const std::string_view text = options_.text.render(run.context, run.arena);
    if (options_.ignores_empty && text.empty()) return {};
    if (options_.to == To::kLocation) return {Verdict::Kind::kAnswer, &answer_, text};
    expression::BoundedText location;
    // A prefix of "/" stands for none: the path begins with one.
    if (options_.to == To::kScheme || text != "/") location.add(text);
    if (options_.to == To::kScheme) {
      location.add("://");
      location.add(expression::first_value(run.context.request, "host"));
    }
    add_target(run.context.request, location);
    return {Verdict::Kind::kAnswer, &answer_, location.copy_to(run.arena)};
  }
  [[nodiscard]] std::uint8_t needs() const override { return options_.text.needs(); }

 private:
  void add_target(const http::RequestHead* request, expression::BoundedText& location) const {
    const bool has_path = request != nullptr && request->target.starts_with('/');
    const std::string_view target = has_path ? request->target : std::string_view("/");
    const std::string_view path = target.substr(0, target.find('?'));
    location.add(path);
    if (options_.appends_slash && !path.ends_with('/')) location.add('/');
    if (!options_.drops_query) location.add(target.substr(path.size()));
  }

  Options options_;
  Answer answer_;
};

Compiled<void> take_cookie(ActionWords& words, bool clears, Answer& answer) {
  auto cookie = words.take("the name of a cookie");
  if (!cookie) return std::unexpected(cookie.error());
  if (clears && cookie->find('=') == std::string::npos) *cookie += '=';
  *cookie += clears ? "; path=/; Max-Age=0;" : "; path=/;";
  // Its text is no format.
  std::string literal;
  for (const char c : *cookie) literal += c == '%' ? std::string("%%") : std::string(1, c);
  auto value = words.format(literal);
  if (!value) return std::unexpected(value.error());
  answer.fields.push_back({"Set-Cookie", std::move(*value)});
  return {};
}

Compiled<int> take_code(ActionWords& words) {
  constexpr std::array kCodes = {301, 302, 303, 307, 308};
  const auto code = words.take_status(300, 399);
  if (code && std::ranges::find(kCodes, *code) == kCodes.end())
    return words.error("a redirect has one of the codes 301, 302, 303, 307 and 308");
  return code;
}

Compiled<std::unique_ptr<Action>> read_redirect(ActionWords& words) {
  Redirect::Options options;
  Answer answer;
  answer.status = 302;
  bool has_target = false;
  while (!words.at_end()) {
    Compiled<void> done;
    const bool location = words.take_if("location");
    const bool prefix = !location && words.take_if("prefix");
    if (location || prefix || words.take_if("scheme")) {
      using To = Redirect::To;
      options.to = location ? To::kLocation : prefix ? To::kPrefix : To::kScheme;
      auto text = words.take_format("where to redirect to");
      if (!text) return std::unexpected(text.error());
      options.text = std::move(*text);
      has_target = true;
    } else if (words.take_if("code")) {
      const auto code = take_code(words);
      if (!code) return std::unexpected(code.error());
      answer.status = *code;
    } else if (words.take_if("drop-query")) {
      options.drops_query = true;
    } else if (words.take_if("append-slash")) {
      options.appends_slash = true;
    } else if (words.take_if("ignore-empty")) {
      options.ignores_empty = true;
    } else if (words.take_if("set-cookie")) {
      done = take_cookie(words, false, answer);
    } else if (words.take_if("clear-cookie")) {
      done = take_cookie(words, true, answer);
    } else {
      return words.unexpected_word(
          "location, prefix, scheme, code, drop-query, append-slash, ignore-empty, set-cookie, clear-cookie "
          "and a condition");
    }
    if (!done) return std::unexpected(done.error());
  }
  if (!has_target) return words.error("'redirect' needs location, prefix or scheme");
  return std::make_unique<Redirect>(std::move(options), std::move(answer));
}

// ---- auth

Compiled<std::unique_ptr<Action>> read_auth(ActionWords& words) {
  Answer answer;
  answer.status = 401;
  std::string realm = "restricted";
  if (words.take_if("realm")) {
    auto text = words.take("the name of the realm");
    if (!text) return std::unexpected(text.error());
    realm = std::move(*text);
  }
  std::string value = "Basic realm=\"";
  for (const char c : realm) {
    if (c == '"' || c == '\\') value += '\\';
    value += c == '%' ? std::string("%%") : std::string(1, c);
  }
  auto format = words.format(value + '"');
  if (!format) return std::unexpected(format.error());
  answer.fields.push_back({"WWW-Authenticate", std::move(*format)});
  return std::make_unique<Return>(std::move(answer));
}

// ---- use-service

Compiled<std::unique_ptr<Action>> read_service(ActionWords& words) {
  const auto name = words.take("the name of a service");
  if (!name) return std::unexpected(name.error());
  if (*name != "prometheus-exporter")
    return words.error("'" + *name + "' is no service that is there (accepted: prometheus-exporter)");
  Answer answer;
  answer.kind = Answer::Kind::kMetrics;
  answer.status = 200;
  return std::make_unique<Return>(std::move(answer));
}

constexpr ActionRow kRows[] = {
    {"auth", kHandover | kHttpRequest, read_auth},
    {"redirect", kHttpRequest | kHttpResponse, read_redirect},
    {"return", kHttpRequest | kHttpResponse, read_return},
    {"use-service", kHttpRequest, read_service},
};

}  // namespace

std::span<const ActionRow> reply_actions() {
  return kRows;
}

}  // namespace reseal::rules::actions
