// What a stick table keeps of each key, as its line in a configuration says: HAProxy's types of keys and of data. Plain
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lb/base/clock.h"

namespace reseal::rules::stick {

enum class KeyType : std::uint8_t { kIp, kIpv6, kInteger, kString, kBinary };

/// In the order in which HAProxy shows them.
enum class DataType : std::uint8_t {
  kServerId,
  kGpt0,
  kGpc0,
  kGpc0Rate,
  kConnCnt,
  kConnRate,
  kConnCur,
  kSessCnt,
  kSessRate,
  kHttpReqCnt,
  kHttpReqRate,
  kHttpErrCnt,
  kHttpErrRate,
  kBytesInCnt,
  kBytesInRate,
  kBytesOutCnt,
  kBytesOutRate,
  kGpc1,
  kGpc1Rate,
  kServerKey,
  kHttpFailCnt,
  kHttpFailRate,
  kGpt,
  kGpc,
  kGpcRate,
};
inline constexpr std::size_t kDataTypes = static_cast<std::size_t>(DataType::kGpcRate) + 1;

struct DataRow {
  std::string_view name;
  enum class Kind : std::uint8_t { kNumber, kLongNumber, kRate } kind;
  bool is_array;

  /// Of each element, in cells of 32 bits.
  [[nodiscard]] std::size_t cells() const {
    return kind == Kind::kNumber ? 1 : kind == Kind::kLongNumber ? 2 : 3;
  }
};
const DataRow& data_row(DataType type);
/// "http_req_rate"; nothing for a name that is none.
std::optional<DataType> data_type(std::string_view name);

struct KeyRow {
  std::string_view name;
  KeyType type;
  std::size_t bytes;  ///< where no length is said
};
std::span<const KeyRow> key_rows();

struct Stored {
  static constexpr std::uint32_t kMostElements = 100;

  DataType type{};
  std::uint32_t elements = 1;  ///< of an array
  std::uint32_t period = 0;    ///< of a rate, in milliseconds
  bool operator==(const Stored&) const = default;
};

/// What identifies a server in `server_key`.
enum class ServerKey : std::uint8_t { kName, kAddress };

struct Definition {
  static constexpr std::size_t kMostKeyBytes = 16384;
  static constexpr std::uint64_t kMostEntries = std::uint64_t{1} << 32;

  KeyType type = KeyType::kIp;
  std::size_t key_bytes = 4;  ///< the longest of a string, the length of everything else
  std::uint64_t size = 0;     ///< entries
  Duration expire{0};         ///< without use; 0: never
  bool nopurge = false;  ///< full: no new entry, instead of dropping the one that was used least recently
  ServerKey server_key = ServerKey::kName;
  std::vector<Stored> stored;  ///< at most one of each type

  /// Whether entries made for the other may stay.
  [[nodiscard]] bool keeps_entries_of(const Definition& other) const {
    return type == other.type && key_bytes == other.key_bytes && size == other.size &&
           server_key == other.server_key && stored == other.stored;
  }
  bool operator==(const Definition&) const = default;
};

/// "'gpt' and 'gpt0'": types of data that are both stored although one takes the place of the other; empty: there are none.
std::string_view rivals_among(std::span<const Stored> stored);

}  // namespace reseal::rules::stick
