// Fetches of what was done to the response on its way: compressed, or taken from a cache.
#include "lb/rules/expression/fetch.h"

namespace reseal::rules::expression {
namespace {

bool fetch_is_compressed(const Call& call, Sample& out) {
  out = Sample::boolean(!call.context.coding.empty());
  return true;
}
bool fetch_coding(const Call& call, Sample& out) {
  out = Sample::string(call.context.coding);
  return !call.context.coding.empty();
}
/// Nothing is stored.
bool fetch_is_from_cache(const Call&, Sample& out) {
  out = Sample::boolean(false);
  return true;
}
bool fetch_cache(const Call&, Sample&) {
  return false;
}

constexpr FetchRow kRows[] = {
    {"res.cache_hit", "", Type::kBool, kNeedsResponse, fetch_is_from_cache},
    {"res.cache_name", "", Type::kString, kNeedsResponse, fetch_cache},
    {"res.comp", "", Type::kBool, kNeedsResponse, fetch_is_compressed},
    {"res.comp_algo", "", Type::kString, kNeedsResponse, fetch_coding},
};

}  // namespace

std::span<const FetchRow> coding_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
