#include "lb/haproxy/conditional_blocks.h"

namespace reseal::haproxy {

bool ConditionalBlocks::elif_matters() const {
  return !levels_.empty() && !levels_.back().decided && !levels_.back().seen_else;
}

std::string ConditionalBlocks::open(config::Place place, bool holds) {
  const bool parent = active();
  const bool too_deep = levels_.size() >= kDeepest;
  const bool told = levels_.size() > kDeepest;
  // Within what does not count, no branch does.
  levels_.push_back({place, parent && holds && !too_deep, !parent || holds || too_deep, false});
  if (too_deep && !told) return "more than " + std::to_string(kDeepest) + " nested '.if'";
  return "";
}

std::string ConditionalBlocks::elif (bool holds) {
  if (levels_.empty()) return "'.elif' without '.if'";
  Level& level = levels_.back();
  if (level.seen_else) return "'.elif' after '.else'";
  level.active = !level.decided && holds;
  level.decided = level.decided || holds;
  return "";
}

std::string ConditionalBlocks::otherwise() {
  if (levels_.empty()) return "'.else' without '.if'";
  Level& level = levels_.back();
  if (level.seen_else) return "'.else' after '.else'";
  level.active = !level.decided;
  level.decided = level.seen_else = true;
  return "";
}

std::string ConditionalBlocks::close() {
  if (levels_.empty()) return "'.endif' without '.if'";
  levels_.pop_back();
  return "";
}

void ConditionalBlocks::spoil() {
  if (levels_.empty()) return;
  levels_.back().active = false;
  levels_.back().decided = true;
}

config::Place ConditionalBlocks::unclosed() const {
  return levels_.empty() ? config::Place{} : levels_.back().place;
}

}  // namespace reseal::haproxy
