// What is added to messages on their way, or made of them: fields with addresses, compression, caches and other filters.
#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/net/cidr.h"

namespace reseal::haproxy {
namespace {

constexpr const char* kNotInNames = "()<>@,;:\\\"/[]?={} \t\r\n";  // RFC 9110 5.6.2

/// `option forwardfor [except NETWORK] [header NAME] [if-none]` and `option originalto` without the last.
void read_address_field(Translator& translator, const Line& line, const char* name, bool takes_if_none,
                        config::AddressField& to) {
  config::AddressField field;
  field.name = name;
  for (std::size_t word = 2; word < line.words.size(); ++word) {
    const std::string& option = line.words[word].text;
    if (option == "except") {
      const std::string block = translator.argument(line, ++word, "a network");
      net::CidrSet set;
      if (block.empty()) return;
      if (const auto added = set.add(block); !added) translator.error(line, word, added.error());
      field.except = {block};
    } else if (option == "header") {
      field.name = translator.argument(line, ++word, "the name of a field");
      if (!field.name.empty() && field.name.find_first_of(kNotInNames) != std::string::npos)
        translator.error(line, word, "'" + field.name + "' is no name of a field");
    } else if (option == "if-none" && takes_if_none) {
      field.if_none = true;
    } else {
      translator.error(line, word,
                       takes_if_none
                           ? "'option forwardfor' only supports optional 'except', 'header' and 'if-none'"
                           : "'option originalto' only supports optional 'except' and 'header'");
      return;
    }
  }
  to = std::move(field);
}

constexpr std::array kOptions = {
    KeywordHandler{"forwardfor",
                   [](Translator& t, const Line& line) {
                     read_address_field(t, line, "X-Forwarded-For", true, t.proxy->address_fields.source);
                   }},
    KeywordHandler{"originalto",
                   [](Translator& t, const Line& line) {
                     read_address_field(t, line, "X-Original-To", false, t.proxy->address_fields.destination);
                   }},
};

// ---- compression

void read_algorithms(Translator& translator, const Line& line, CompressionDraft& compression) {
  (void)translator.argument(line, 2, "gzip");
  for (std::size_t word = 2; word < line.words.size(); ++word) {
    const std::string& name = line.words[word].text;
    if (name == "gzip") {
      compression.has_gzip = true;
    } else if (name == "deflate" || name == "raw-deflate") {
      translator.notice_once(line,
                             "'" + name + "' has no effect: responses are compressed by gzip or not at all");
    } else if (name != "identity") {
      translator.error(line, word, "'" + name + "' is not a supported algorithm.");
    }
  }
}

void read_compression(Translator& translator, const Line& line) {
  const std::string what = translator.argument(line, 1, "algo, type or offload");
  auto& draft = translator.proxy->compression;
  if (!draft) draft.emplace();
  if (what == "algo" || what == "algo-res") {
    read_algorithms(translator, line, *draft);
  } else if (what == "type" || what == "type-res") {
    (void)translator.argument(line, 2, "a media type");
    for (std::size_t word = 2; word < line.words.size(); ++word)
      draft->types.push_back(lowered(line.words[word].text));
  } else if (what == "offload") {
    draft->offload = true;
    translator.expect_end(line, 2);
  } else if (what == "minsize-res") {
    const std::string text = translator.argument(line, 2, "a size");
    if (!text.empty()) draft->min_size = translator.value_or(parse_size(text), line, 2, std::uint64_t{0});
  } else if (what == "algo-req" || what == "type-req" || what == "minsize-req" || what == "direction") {
    translator.notice_once(line, "'compression " + what + "' has no effect: requests are never compressed");
  } else if (!what.empty()) {
    translator.error(line, 1, "'compression' expects 'algo', 'type' or 'offload'");
  }
}

/// `filter compression` says where among filters it stands, of which there is no other.
void read_filter(Translator& translator, const Line& line) {
  const std::string name = translator.argument(line, 1, "the name of a filter");
  if (name == "compression" || name == "comp-res" || name == "comp-req") {
    translator.notice_once(line,
                           "'filter " + name + "' has no effect: there are no other filters to come after");
  } else if (name == "trace") {
    translator.notice_once(line, "'filter trace' has no effect: nothing is traced");
  } else if (name == "cache") {
    translator.notice_once(line,
                           "'filter cache' has no effect: nothing is stored, servers are asked each time");
  } else if (!name.empty()) {
    translator.error(line, 1,
                     "'filter " + name + "' is not there, and passing over it would change what is served");
  }
}

constexpr std::array kKeywords = {
    KeywordHandler{"compression", read_compression},
    KeywordHandler{"filter", read_filter},
};

}  // namespace

KeywordTable message_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
