// bind: of a frontend, and of sockets of the runtime API.
#include <array>

#include "lb/base/text.h"
#include "lb/config/owner.h"
#include "lb/config/schema_frontend.h"
#include "lb/config/schema_rules.h"
#include "lb/config/schema_tls.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostBacklog = 1'000'000;
constexpr int kMostSegment = 65535;
constexpr int kMostDescriptor = 65535;
constexpr std::size_t kLongestSocketPath = 107;  // sun_path of a unix socket's address, with its final NUL
constexpr const char* kAccepted = "*:443, 127.0.0.1:8443, [::1]:8443, unix@/run/web.sock, abns@NAME, fd@3";

// ---- the address

void read_unix(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  bind.kind = BindKind::kUnix;
  bind.host = node.text.substr(node.text.find('@') + 1);
  if (!bind.host.starts_with('/') || bind.host.size() > kLongestSocketPath)
    reader.error(node.place, std::string(key) + " is '" + shortened(node.text) +
                                 "'; accepted: the absolute path of a unix socket of at most 107 bytes");
}

void read_descriptor(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  const auto number = parse_decimal(std::string_view(node.text).substr(3));
  if (!number || *number > kMostDescriptor) {
    reader.error(node.place, std::string(key) + " is '" + shortened(node.text) + "'; accepted: " + kAccepted);
    return;
  }
  bind.kind = BindKind::kDescriptor;
  bind.descriptor = static_cast<int>(*number);
}

/// False if it is not of these kinds.
bool read_other_kind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  if (!node.is_scalar()) return false;
  const std::string& text = node.text;
  bind.place = node.place;
  if (text.starts_with("unix@")) {
    read_unix(reader, node, key, bind);
  } else if (text.starts_with("abns@") && text.size() > 5) {
    bind.kind = BindKind::kAbstract;
    bind.host = text.substr(5);
  } else if (text.starts_with("fd@")) {
    read_descriptor(reader, node, key, bind);
  } else {
    return false;
  }
  return true;
}

void read_any_address(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  if (!read_other_kind(reader, node, key, bind)) read_bind(reader, node, key, bind);
}
void write_address(SectionWriter& writer, const char* key, const Bind& bind, const Bind&) {
  writer.text(key, bind.text());
}

// ---- what differs there

/// tls: of a bind: off, or settings of its own. Its mode is known behind the whole bind.
void read_own_tls(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  if (node.is_map()) {
    bind.tls = BindTls::kOwn;
  } else {
    reader.word<BindTls>(node, key, {{"off", BindTls::kOff}}, bind.tls);
  }
}

void read_own_senders(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  bind.accept_proxy.emplace();
  if (node.is_scalar() && node.text == "off") return;
  read_blocks(reader, node, key, *bind.accept_proxy);
}
void write_own_senders(SectionWriter& writer, const char* key, const Bind& bind, const Bind&) {
  if (!bind.accept_proxy) return;
  bind.accept_proxy->empty() ? writer.text(key, "off") : writer.texts(key, *bind.accept_proxy);
}

constexpr std::array<std::pair<const char*, bool>, 2> kH2cWords = {{{"refused", false}, {"allowed", true}}};

// ---- of the socket

template <auto kMember, auto kNumber>
void owner_of(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  read_owner(reader, node, key, kNumber, bind.socket.*kMember);
}
template <auto kMember, auto kName>
void write_owner(SectionWriter& writer, const char* key, const Bind& bind, const Bind&) {
  if (bind.socket.*kMember) writer.text(key, kName(*(bind.socket.*kMember)));
}

void read_file_mode(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  bind.socket.mode = node.is_scalar() ? octal(node.text) : std::nullopt;
  if (!bind.socket.mode)
    reader.error(node.place,
                 std::string(key) + " is " + shown(node) + "; accepted: octal digits such as \"660\"");
}
void write_file_mode(SectionWriter& writer, const char* key, const Bind& bind, const Bind&) {
  if (bind.socket.mode) writer.text(key, octal_text(*bind.socket.mode));
}

template <auto kMember, int kLeast, int kMost>
void number_of(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  reader.integer(node, key, kLeast, kMost, bind.socket.*kMember);
}
template <auto kMember>
void write_socket_number(SectionWriter& writer, const char* key, const Bind& bind, const Bind& usual) {
  if (bind.socket.*kMember != usual.socket.*kMember) writer.number(key, bind.socket.*kMember);
}
template <auto kMember>
void flag_of(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  reader.boolean(node, key, bind.socket.*kMember);
}
template <auto kMember>
void write_socket_flag(SectionWriter& writer, const char* key, const Bind& bind, const Bind& usual) {
  if (bind.socket.*kMember != usual.socket.*kMember) writer.boolean(key, bind.socket.*kMember);
}

void read_interface(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  reader.visible(node, key, "the name of a network interface", bind.socket.interface);
}
void write_interface(SectionWriter& writer, const char* key, const Bind& bind, const Bind&) {
  if (!bind.socket.interface.empty()) writer.text(key, bind.socket.interface);
}

void read_user_timeout(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  Duration timeout{};
  reader.duration(node, key, timeout);
  bind.socket.user_timeout = static_cast<int>(timeout.count());
}
void write_user_timeout(SectionWriter& writer, const char* key, const Bind& bind, const Bind&) {
  if (bind.socket.user_timeout != 0) writer.duration(key, Duration(bind.socket.user_timeout));
}

using Socket = SocketSettings;
constexpr Key<Bind> kBindKeys[] = {
    {"address", read_any_address, "(required)", "\"*:443\"", write_address},
    {"tls", read_own_tls, "(the frontend's)", "off"},  // written by write_bind, which knows the mode
    {"accept_proxy", read_own_senders, "(the frontend's)", "[10.0.0.0/8]", write_own_senders},
    word_key<&Bind::h2c, kH2cWords>("h2c", "refused", "allowed"),
    text_key<&Bind::name>("name", "(none)", "public"),
    integer_key<&Bind::number, 1, kMostSegment>("id", "(its place)", "7"),
    {"mode", read_file_mode, "(the process's umask)", "\"660\"", write_file_mode},
    {"user", owner_of<&Socket::user, user_number>, "(the process's)", "root",
     write_owner<&Socket::user, user_text>},
    {"group", owner_of<&Socket::group, group_number>, "(the process's)", "root",
     write_owner<&Socket::group, group_text>},
    {"backlog", number_of<&Socket::backlog, 1, kMostBacklog>, "(the system's)", "1024",
     write_socket_number<&Socket::backlog>},
    {"interface", read_interface, "(any)", "eth0", write_interface},
    {"segment_size", number_of<&Socket::segment_size, 1, kMostSegment>, "(the system's)", "1400",
     write_socket_number<&Socket::segment_size>},
    {"user_timeout", read_user_timeout, "(the system's)", "30s", write_user_timeout},
    {"fast_open", flag_of<&Socket::fast_open>, "false", "true", write_socket_flag<&Socket::fast_open>},
    {"defer_accept", flag_of<&Socket::defer_accept>, "false", "true",
     write_socket_flag<&Socket::defer_accept>},
};

}  // namespace

std::optional<Bind> read_bind_map(ValueReader& reader, const YamlNode& node, const char* key,
                                  const std::string& owner, Mode mode) {
  Bind bind;
  if (node.is_map()) {
    read_section<Bind>(reader, node, owner, kBindKeys, bind);
    if (bind.tls == BindTls::kOwn) bind.own_tls = read_server_tls(reader, *node.find("tls"), "a bind", mode);
    if (node.find("address") == nullptr)
      reader.error(node.place, "a bind without an address; add address: \"*:443\"");
  } else {
    read_any_address(reader, node, key, bind);
  }
  if (bind.host.empty() && bind.kind != BindKind::kDescriptor) return std::nullopt;
  return bind;
}

YamlValue bind_value(const SectionWriter& writer, const Bind& bind, Mode mode) {
  SectionWriter inner = writer.nested();
  write_section<Bind>(inner, kBindKeys, bind, {});
  if (bind.tls == BindTls::kOff) inner.text("tls", "off");
  if (bind.tls == BindTls::kOwn) write_server_tls(inner, "tls", bind.own_tls, mode);
  YamlValue map = inner.take();
  return map.entries.size() == 1 ? map.entries.front().value : map;
}

void read_binds(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  const auto read = [&](const YamlNode& element) {
    auto bind =
        read_bind_map(reader, element, key, "a bind of frontend '" + frontend.name + "'", frontend.mode);
    if (bind) frontend.binds.push_back(std::move(*bind));
  };
  if (node.is_map()) {
    read(node);
  } else if (node.is_sequence() && !node.items.empty()) {
    for (const auto& item : node.items) read(*item);
  } else {
    for (const YamlNode* text : reader.text_or_list(node, key)) read(*text);
  }
}

void write_binds(SectionWriter& writer, const char* key, const Frontend& frontend, const Frontend&) {
  YamlValue list = YamlValue::list({});
  for (const Bind& bind : frontend.binds) list.items.push_back(bind_value(writer, bind, frontend.mode));
  if (list.items.size() == 1) {
    writer.add(key, std::move(list.items.front()));
  } else if (!list.items.empty()) {
    writer.add(key, std::move(list));
  }
}

void read_bind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  std::string text;
  reader.text(node, key, text);
  if (text.empty()) return;
  const std::string found = std::string(key) + " is '" + shortened(text) + "': ";
  auto parts = net::split_host_port(text);
  if (!parts) {
    reader.error(node.place, found + parts.error() + "; accepted: *:443, 127.0.0.1:8443, [::1]:8443");
    return;
  }
  if (parts->host != "*" && !net::Address::parse(parts->host, 0)) {
    reader.error(node.place,
                 found + "not an IP address; write an address of this machine, or * for every one");
    return;
  }
  bind.host = parts->host;
  bind.port = parts->port;
  bind.place = node.place;
}

void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version) {
  reader.word<TlsVersion>(node, key, {{"1.2", TlsVersion::kTls12}, {"1.3", TlsVersion::kTls13}}, version);
}

void append_bind_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Bind>(all, prefix, kBindKeys);
  append_server_tls_keys(all, prefix + "tls.", false);
}

}  // namespace reseal::config
