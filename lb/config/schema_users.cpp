#include "lb/config/schema_users.h"

#include "lb/config/model.h"
#include "lb/config/section_keys.h"

namespace reseal::config {
namespace {

void refuse_two_passwords(ValueReader& reader, const YamlNode& node, const User& user) {
  if (!user.password.empty())
    reader.error(node.place, "user '" + user.name + "' has both password and plain_password");
}

void read_password(ValueReader& reader, const YamlNode& node, const char* key, User& user) {
  refuse_two_passwords(reader, node, user);
  reader.text(node, key, user.password);
}

void read_plain_password(ValueReader& reader, const YamlNode& node, const char* key, User& user) {
  refuse_two_passwords(reader, node, user);
  reader.text(node, key, user.password);
  user.has_plain_password = true;
}

void read_groups(ValueReader& reader, const YamlNode& node, const char* key, User& user) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string group;
    reader.text(*text, key, group);
    if (!group.empty()) user.groups.push_back(std::move(group));
  }
}

void write_password(SectionWriter& writer, const char* key, const User& user, const User&) {
  if (!user.has_plain_password && !user.password.empty()) writer.text(key, user.password);
}
void write_plain_password(SectionWriter& writer, const char* key, const User& user, const User&) {
  if (user.has_plain_password) writer.text(key, user.password);
}

constexpr Key<User> kUserKeys[] = {
    {"password", read_password, "(none)", "\"$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA\"",
     write_password},
    {"plain_password", read_plain_password, "(none)", "secret", write_plain_password},
    {"groups", read_groups, "(none)", "[admins, readers]", write_texts<&User::groups>},
};

void read_user(ValueReader& reader, const YamlNode::Entry& entry, UserList& list) {
  User& user = list.users.emplace_back();
  user.name = entry.key;
  user.place = entry.key_place;
  if (user.name.empty() || user.name.find(':') != std::string::npos)
    reader.error(entry.key_place,
                 "'" + shortened(user.name) + "' is no name of a user: a ':' ends it when it is sent");
  if (entry.value->is_scalar()) {
    read_password(reader, *entry.value, "password", user);
  } else {
    read_section<User>(reader, *entry.value, "user '" + shortened(user.name) + "'", kUserKeys, user);
  }
}

}  // namespace

void read_users(ValueReader& reader, const YamlNode& node, const char* key, Configuration& configuration) {
  if (!reader.is_map(node, key)) return;
  for (const YamlNode::Entry& entry : node.entries) {
    UserList& list = configuration.user_lists.emplace_back();
    list.name = shortened(entry.key);
    list.place = entry.key_place;
    if (!reader.is_map(*entry.value, "users of '" + list.name + "'")) continue;
    for (const YamlNode::Entry& user : entry.value->entries) read_user(reader, user, list);
  }
}

void write_users(SectionWriter& writer, const char* key, const Configuration& configuration,
                 const Configuration&) {
  writer.section(key, [&](SectionWriter& lists) {
    for (const UserList& list : configuration.user_lists) {
      lists.section(
          list.name,
          [&](SectionWriter& users) {
            for (const User& user : list.users) {
              users.section(
                  user.name, [&](SectionWriter& own) { write_section<User>(own, kUserKeys, user, User()); },
                  true);
            }
          },
          true);
      lists.comment_last(lists.comments_at(list.place));
    }
  });
}

void append_user_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<User>(all, prefix, kUserKeys);
}

}  // namespace reseal::config
