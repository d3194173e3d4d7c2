#include "lb/rules/actions/answer_words.h"

#include "lb/rules/error_file.h"

namespace reseal::rules::actions {
namespace {

constexpr std::string_view kAccepted =
    "status, content-type, default-errorfiles, errorfile, file, lf-file, string, lf-string, hdr and a "
    "condition";

/// A text as the format that stands for it.
std::string doubled_percents(std::string_view text) {
  std::string format;
  for (const char c : text) format += c == '%' ? std::string("%%") : std::string(1, c);
  return format;
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

/// Reads the body that `kind` announces.
Compiled<void> take_body(ActionWords& words, const std::string& kind, Answer& answer) {
  const bool is_file = kind == "file" || kind == "lf-file";
  auto text = words.take(is_file ? "a file" : "a text");
  if (!text) return std::unexpected(text.error());
  if (is_file) {
    text = words.read_file(*text);
    if (!text) return std::unexpected(text.error());
  }
  answer.kind = Answer::Kind::kReply;
  if (kind.starts_with("lf-")) {
    auto format = words.format(*text);
    if (!format) return std::unexpected(format.error());
    answer.text = std::move(*format);
  } else {
    answer.body = std::make_shared<const StaticBody>(StaticBody{{}, std::move(*text), 0, {}});
  }
  return {};
}

Compiled<void> take_field(ActionWords& words, Answer& answer) {
  auto name = words.take_field_name();
  if (!name) return std::unexpected(name.error());
  auto value = words.take_format("the field's value");
  if (!value) return std::unexpected(value.error());
  answer.fields.push_back({std::move(*name), std::move(*value)});
  return {};
}

/// `errorfile FILE`: a whole response, in place of everything else that is said. One that is empty is as with `errorfile` of a
/// proxy: the page that there is otherwise.
Compiled<void> take_error_file(ActionWords& words, Answer& answer) {
  const auto path = words.take("a file with a whole response");
  if (!path) return std::unexpected(path.error());
  auto text = words.read_file(*path);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return {};
  auto response = parse_error_file(*text);
  if (!response) return words.error(*path + " is no response: " + response.error());
  answer.page = std::make_shared<const StaticBody>(std::move(*response));
  return {};
}

/// What was read becomes the page's.
Compiled<void> show_page(ActionWords& words, Answer& answer) {
  answer.kind = Answer::Kind::kReply;
  answer.content_type = answer.page->content_type;
  answer.body = answer.page;
  answer.fields.clear();
  for (const auto& [name, value] : answer.page->fields) {
    auto format = words.format(doubled_percents(value));
    if (!format) return std::unexpected(format.error());
    answer.fields.push_back({name, std::move(*format)});
  }
  return {};
}

}  // namespace

Compiled<Answer> take_answer(ActionWords& words, int status) {
  Answer answer;
  answer.status = status;
  bool own_reply = status == 200;  // `return`: a response without a body is one, too
  while (!words.at_end()) {
    Compiled<void> done;
    if (words.take_if("status") || words.take_if("deny_status") || words.take_if("code")) {
      const auto code = words.take_status(200, 599);
      if (!code) return std::unexpected(code.error());
      answer.status = *code;
    } else if (words.take_if("content-type")) {
      auto type = words.take("a content type");
      if (!type) return std::unexpected(type.error());
      answer.content_type = std::move(*type);
    } else if (words.take_if("default-errorfiles")) {
      own_reply = false;
    } else if (words.take_if("errorfile")) {
      own_reply = false;
      done = take_error_file(words, answer);
    } else if (words.take_if("hdr")) {
      done = take_field(words, answer);
    } else if (words.take_if("file")) {
      done = take_body(words, "file", answer);
    } else if (words.take_if("lf-file")) {
      done = take_body(words, "lf-file", answer);
    } else if (words.take_if("string")) {
      done = take_body(words, "string", answer);
    } else if (words.take_if("lf-string")) {
      done = take_body(words, "lf-string", answer);
    } else {
      return words.unexpected_word(kAccepted);
    }
    if (!done) return std::unexpected(done.error());
  }
  if (answer.page != nullptr) {
    if (auto done = show_page(words, answer); !done) return std::unexpected(done.error());
    return answer;
  }
  if (own_reply) answer.kind = Answer::Kind::kReply;
  const bool has_body = answer.body != nullptr || !answer.text.empty();
  if (has_body && has_no_body(answer.status))
    return words.error("a response with status " + std::to_string(answer.status) + " has no body");
  if (has_body && answer.content_type.empty() && answer.kind == Answer::Kind::kReply)
    return words.error("a body needs its type: content-type text/plain, for instance");
  return answer;
}

}  // namespace reseal::rules::actions
