#include "lb/rules/expression/argument_parser.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/compiler.h"
#include "lb/rules/expression/proxy_state.h"

namespace reseal::rules::expression {
namespace {

struct Word {
  std::string text;
  std::size_t offset = 0;
};

/// What a backslash makes of the character behind it; 0: the backslash stays and stands for itself.
char escaped(char c) {
  switch (c) {
    case '\\':
    case ' ':
    case '"':
    case '\'':
      return c;
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

/// One argument, up to the ',' or ')' outside quotes that ends it, which is not taken.
Compiled<Word> take_word(std::string_view text, std::size_t& at) {
  Word word{{}, at};
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if ((c == '"' || c == '\'') && (quote == 0 || quote == c)) {
      quote = quote == 0 ? c : '\0';
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size() && escaped(text[at + 1]) != 0) {
      word.text += escaped(text[++at]);
    } else if (quote == 0 && (c == ',' || c == ')')) {
      return word;
    } else {
      word.text += c;
    }
  }
  const std::string missing =
      quote == 0 ? "no ')' behind the arguments" : std::string("a quote (") + quote + ") that is not closed";
  return std::unexpected(CompileError{missing, 0, word.offset});
}

std::expected<Sample, std::string> parse_mask(const std::string& text, bool ipv6) {
  const std::size_t bytes = ipv6 ? 16 : 4;
  if (const auto bits = parse_decimal(text); bits && *bits <= bytes * 8) {
    std::string mask(bytes, '\0');
    for (std::size_t i = 0; i < *bits; ++i) mask[i / 8] = static_cast<char>(mask[i / 8] | 0x80 >> i % 8);
    return Sample::address_of(mask);
  }
  const auto address = parse_address(text);
  if (!address || (address->type == Type::kIpv6) != ipv6) {
    return std::unexpected("'" + shortened(text) + "' is not a mask for " +
                           (ipv6 ? "IPv6 (accepted: 0 to 128, or as an address)"
                                 : "IPv4 (accepted: 0 to 32, or as in 255.255.255.0)"));
  }
  return *address;
}

std::expected<void, std::string> take_variable(Argument& argument, const Environment& environment) {
  if (environment.variables == nullptr) return std::unexpected("variables are not available here");
  const auto id = environment.variables->id_of(argument.text);
  if (!id) return std::unexpected(id.error());
  argument.variable = *id;
  return {};
}

std::expected<void, std::string> take_integer_argument(Argument& argument) {
  const auto integer = parse_integer(argument.text);
  if (!integer) return std::unexpected("'" + shortened(argument.text) + "' is not an integer");
  argument.integer = *integer;
  return {};
}

/// What is named: the object, or why there is none.
template <class Object>
std::expected<void, std::string> take_named(std::shared_ptr<Object> found, std::shared_ptr<Object>& into,
                                            const char* what, const std::string& name) {
  if (found == nullptr)
    return std::unexpected("there is no " + std::string(what) + " '" + shortened(name) + "'");
  into = std::move(found);
  return {};
}

std::expected<void, std::string> take_object(Argument& argument, char kind, const Environment& environment) {
  if (!environment.finds_names) return {};
  const std::string& name = argument.text;
  if (kind == 't') {
    if (environment.tables == nullptr) return std::unexpected("stick tables are not available here");
    return take_named(environment.tables->find(name), argument.table, "stick table", name);
  }
  if (kind == 'u') {
    if (environment.users == nullptr) return std::unexpected("lists of users are not available here");
    return take_named(environment.users->find(name), argument.users, "list of users", name);
  }
  if (environment.proxies == nullptr) return std::unexpected("proxies are not available here");
  const ProxyFinder& proxies = *environment.proxies;
  if (kind == 'B') return take_named(proxies.backend(name), argument.proxy, "backend", name);
  if (kind == 'F') return take_named(proxies.frontend(name), argument.proxy, "frontend", name);
  return take_named(proxies.server(name), argument.proxy, "server", name);
}

std::expected<void, std::string> take_acl(Argument& argument, const Environment& environment) {
  if (environment.acls == nullptr) return std::unexpected("ACLs are not available here");
  std::string_view name = argument.text;
  for (; name.starts_with('!'); name.remove_prefix(1)) argument.integer ^= 1;
  const auto acl = environment.acls->named_acl(name);
  if (!acl) return std::unexpected(acl.error().message);
  // As it is by now, so that none can look at itself.
  argument.acl = std::make_shared<const Acl>(**acl);
  return {};
}

std::expected<void, std::string> read(Argument& argument, char kind, const Environment& environment) {
  switch (kind) {
    case 't':
    case 'u':
    case 'B':
    case 'F':
    case 'S':
      return take_object(argument, kind, environment);
    case 'a':
      return take_acl(argument, environment);
    case 'i':
      return take_integer_argument(argument);
    case 'n':
      return parse_integer(argument.text) ? take_integer_argument(argument)
                                          : take_variable(argument, environment);
    case 'v':
      return take_variable(argument, environment);
    case '4':
    case '6': {
      const auto address = parse_address(argument.text);
      if (!address || (address->type == Type::kIpv6) != (kind == '6')) {
        return std::unexpected("'" + shortened(argument.text) + "' is not an " +
                               (kind == '6' ? "IPv6" : "IPv4") + " address");
      }
      argument.value = *address;
      return {};
    }
    case 'm':
    case 'M': {
      const auto mask = parse_mask(argument.text, kind == 'M');
      if (!mask) return std::unexpected(mask.error());
      argument.value = *mask;
      return {};
    }
    default:
      return {};
  }
}

std::string what_is_missing(std::string_view name, std::size_t given, std::size_t needed) {
  return "'" + std::string(name) + "' needs " + counted(needed, "argument") + ", but has " +
         (given == 0 ? "none" : std::to_string(given));
}

}  // namespace

Compiled<std::vector<Argument>> parse_arguments(std::string_view text, std::size_t& at, std::string_view name,
                                                std::string_view signature, const Environment& environment) {
  const std::size_t begin = at;
  const std::size_t needed = std::min(signature.find('?'), signature.size());
  std::string kinds(signature);
  std::erase(kinds, '?');
  std::vector<Argument> arguments(kinds.size());
  std::size_t given = 0;
  if (at < text.size() && text[at] == '(') {
    do {
      ++at;
      auto word = take_word(text, at);
      if (!word) return std::unexpected(word.error());
      const bool is_empty_list = given == 0 && word->text.empty() && text[at] == ')' && word->offset == at;
      if (is_empty_list && needed == 0) break;
      if (given == kinds.size()) {
        const std::string most =
            kinds.empty() ? "takes no arguments" : "takes no more than " + counted(kinds.size(), "argument");
        return std::unexpected(CompileError{
            "'" + std::string(name) + "' " + most + ", but found '" + shortened(word->text) + "'", 0,
            word->offset});
      }
      Argument& argument = arguments[given];
      argument.text = std::move(word->text);
      // Optional ones may be empty, which is as if they were not there, except for text.
      argument.is_given = kinds[given] == 's' || given < needed || !argument.text.empty();
      if (argument.is_given) {
        if (auto done = read(argument, kinds[given], environment); !done) {
          return std::unexpected(CompileError{
              done.error() + ", argument " + std::to_string(given + 1) + " of '" + std::string(name) + "'", 0,
              word->offset});
        }
      }
      ++given;
    } while (text[at] == ',');
    ++at;
  }
  if (given < needed) return std::unexpected(CompileError{what_is_missing(name, given, needed), 0, begin});
  return arguments;
}

}  // namespace reseal::rules::expression
