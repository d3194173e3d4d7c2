#include "backends/address_choice.h"

namespace reseal::backends {
namespace {

constexpr int kOfFamily = 8;
constexpr int kOfNetwork = 4;
constexpr int kCurrent = 1;

int score(const AddressWish& wish, const net::Address& address) {
  return (address.family() == wish.family ? kOfFamily : 0) +
         (wish.networks.contains(address) ? kOfNetwork : 0) + (wish.current == address ? kCurrent : 0);
}

}  // namespace

std::vector<std::optional<std::size_t>> choose_addresses(const std::vector<AddressWish>& wishes,
                                                         const std::vector<net::Address>& found) {
  std::vector<std::optional<std::size_t>> chosen(wishes.size());
  // Those before it have theirs by now; those behind it are asked later, and keep what they have till then.
  const auto is_taken = [&](std::size_t server, std::size_t address) {
    for (std::size_t other = 0; other < wishes.size(); ++other) {
      if (other < server && chosen[other] == address) return true;
      if (other > server && wishes[other].current == found[address]) return true;
    }
    return false;
  };
  for (std::size_t server = 0; server < wishes.size(); ++server) {
    int best = -1;
    for (std::size_t address = 0; address < found.size(); ++address) {
      const int points = score(wishes[server], found[address]);
      if (points <= best || (!wishes[server].shares && is_taken(server, address))) continue;
      best = points;
      chosen[server] = address;
    }
  }
  return chosen;
}

}  // namespace reseal::backends
