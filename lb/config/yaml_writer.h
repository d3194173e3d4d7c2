// A configuration as YAML: what the tables of the schema say of it. The other direction of load_text().
#pragma once

#include <string>

#include "lb/config/model.h"
#include "lb/config/section_writer.h"

namespace reseal::config {

/// Only what differs from the defaults. `comments`: those above a frontend, a
/// backend, a stick table or a server, by their place in what was loaded. Paths are written absolute. What the language has no
/// words for is missing: whoever depends on all of it loads the text and compares (without_places()).
std::string yaml_of(const Configuration& configuration, const CommentsAt& comments);

}  // namespace reseal::config
