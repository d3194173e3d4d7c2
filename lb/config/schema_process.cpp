// process: what becomes of the process once it has started.
#include "lb/config/owner.h"
#include "lb/config/schema.h"

namespace reseal::config {
namespace {

template <auto kMember>
void path_of(ValueReader& reader, const YamlNode& node, const char* key, ProcessSettings& process) {
  reader.path(node, key, process.*kMember);
}

template <auto kMember, auto kNumber>
void owner_of(ValueReader& reader, const YamlNode& node, const char* key, ProcessSettings& process) {
  read_owner(reader, node, key, kNumber, process.*kMember);
}
template <auto kMember, auto kName>
void write_owner(SectionWriter& writer, const char* key, const ProcessSettings& process,
                 const ProcessSettings&) {
  if (process.*kMember) writer.text(key, kName(*(process.*kMember)));
}

using Process = ProcessSettings;
constexpr Key<Process> kProcessKeys[] = {
    boolean_key<&Process::daemon>("daemon", "false", "true"),
    {"pid_file", path_of<&Process::pid_file>, "(none)", "/run/reseal.pid", write_text<&Process::pid_file>},
    {"chroot", path_of<&Process::root>, "(none)", "/var/empty", write_text<&Process::root>},
    {"user", owner_of<&Process::user, user_number>, "(who started it)", "nobody",
     write_owner<&Process::user, user_text>},
    {"group", owner_of<&Process::group, group_number>, "(who started it)", "nogroup",
     write_owner<&Process::group, group_text>},
};

}  // namespace

void read_process(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  section_of<&Configuration::process, kProcessKeys>(reader, node, key, configuration);
}
void write_process(SectionWriter& writer, const char* key, const Configuration& configuration,
                   const Configuration& usual) {
  write_inner<&Configuration::process, kProcessKeys>(writer, key, configuration, usual);
}

void append_process_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Process>(all, prefix, kProcessKeys);
}

}  // namespace reseal::config
