// What the two halves of the schema of checks share: the section, and its steps.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lb/config/section_keys.h"

namespace reseal::config {

std::span<const Key<CheckConnect>> check_connect_keys();
void read_check_steps(ValueReader& reader, const YamlNode& node, const char* key,
                      std::vector<CheckStep>& steps);
void write_check_steps(SectionWriter& writer, const char* key, std::span<const CheckStep> steps);
void append_check_step_keys(std::vector<KeyReference>& all, const std::string& prefix);

/// "200", "200-399", or a list of such.
void read_status_ranges(ValueReader& reader, const YamlNode& node, const char* key,
                        std::vector<std::pair<int, int>>& ranges);
std::vector<std::string> status_texts(const std::vector<std::pair<int, int>>& ranges);

}  // namespace reseal::config
