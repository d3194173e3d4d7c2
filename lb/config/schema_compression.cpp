#include <algorithm>
#include <array>

#include "lb/base/text.h"
#include "lb/config/schema_backend.h"
#include "lb/http/characters.h"

namespace reseal::config {
namespace {

constexpr std::uint64_t kMostMinSize = std::uint64_t{1024} * 1024 * 1024;
constexpr int kBestGzip = 9;
constexpr int kBestBrotli = 5;  // above it a stream takes many MiB of memory

constexpr std::array<std::pair<const char*, CompressionAlgorithm>, 2> kWords = {
    {{"br", CompressionAlgorithm::kBrotli}, {"gzip", CompressionAlgorithm::kGzip}}};

void read_algorithms(ValueReader& reader, const YamlNode& node, const char* key, Compression& compression) {
  compression.algorithms.clear();
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    CompressionAlgorithm algorithm{};
    reader.word(*text, key, kWords, algorithm);
    if (std::ranges::find(compression.algorithms, algorithm) == compression.algorithms.end())
      compression.algorithms.push_back(algorithm);
  }
}

void write_algorithms(SectionWriter& writer, const char* key, const Compression& compression,
                      const Compression& usual) {
  if (compression.algorithms == usual.algorithms) return;
  std::vector<std::string> names;
  for (const CompressionAlgorithm algorithm : compression.algorithms)
    names.emplace_back(algorithm == CompressionAlgorithm::kGzip ? "gzip" : "br");
  writer.texts(key, names);
}

/// "*/*" is all of them.
bool is_media_type(const std::string& text) {
  if (text == "*/*") return true;
  const std::size_t slash = text.find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == text.size()) return false;
  const std::string_view kind = std::string_view(text).substr(0, slash);
  const std::string_view subtype = std::string_view(text).substr(slash + 1);
  return kind != "*" && http::all_chars(kind, http::kTokenChar) &&
         http::all_chars(subtype, http::kTokenChar) &&
         (subtype == "*" || subtype.find('*') == std::string_view::npos);
}

void read_types(ValueReader& reader, const YamlNode& node, const char* key, Compression& compression) {
  compression.types.clear();
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    if (is_media_type(text->text)) {
      compression.types.push_back(lowered(text->text));
    } else {
      reader.error(text->place, std::string(key) + " has '" + shortened(text->text) +
                                    "'; accepted: media types without parameters, such as text/html, or "
                                    "text/* for all of a kind, or \"*/*\" for all");
    }
  }
}

void read_min_size(ValueReader& reader, const YamlNode& node, const char* key, Compression& compression) {
  reader.size(node, key, 0, kMostMinSize, compression.min_size);
}

constexpr Key<Compression> kCompressionKeys[] = {
    {"algorithms", read_algorithms, "[br, gzip]", "gzip", write_algorithms},
    {"types", read_types, "(text, JSON, JavaScript, XML, SVG, WebAssembly)", "[text/*, application/json]",
     write_texts<&Compression::types>},
    {"min_size", read_min_size, "1KiB", "4KiB", write_size<&Compression::min_size>},
    boolean_key<&Compression::hides_accepted>("offload", "false", "true"),
    integer_key<&Compression::gzip_level, 1, kBestGzip>("gzip_level", "3", "6"),
    integer_key<&Compression::brotli_quality, 0, kBestBrotli>("brotli_quality", "3", "5"),
};

}  // namespace

void read_compression(ValueReader& reader, const YamlNode& node, const char* key,
                      std::optional<Compression>& out) {
  bool on = true;
  Compression compression;
  if (node.is_map()) {
    read_section<Compression>(reader, node, key, kCompressionKeys, compression);
  } else {
    on = false;
    reader.word<bool>(node, key, {{"off", false}, {"on", true}}, on);
  }
  if (on) out = std::move(compression);
}

void write_compression(SectionWriter& writer, const char* key,
                       const std::optional<Compression>& compression) {
  if (!compression) return;
  if (*compression == Compression()) return writer.text(key, "on");
  writer.section(key, [&](SectionWriter& inner) {
    write_section<Compression>(inner, kCompressionKeys, *compression, {});
  });
}

void append_compression_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Compression>(all, prefix, kCompressionKeys);
}

}  // namespace reseal::config
