// From HAProxy's terms (draft.h) to the model that both doors fill (lb/config/model.h). What only the whole section shows is
// told here: settings that reseal has once for a frontend or a backend, and HAProxy once a bind or a server.
#pragma once

#include <optional>

#include "lb/haproxy/draft.h"
#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// Reads a section `http-errors`.
void read_error_group(Translator& translator, const Section& section);
/// Reads a section `userlist`.
config::UserList read_user_list(Translator& translator, const Section& section);

/// `line` is the head of the section, for what is about all of it.
/// The rules of a section as the model has them.
config::RuleLines finish_rules(Translator& translator, const ProxyDraft& draft, const Line& line);

config::Frontend finish_frontend(Translator& translator, const ProxyDraft& draft, const Line& line);
/// What the frontend writes to its logs.
void finish_logs(Translator& translator, const ProxyDraft& draft, config::Frontend& frontend);
/// The targets of its logs.
std::vector<config::AccessLog> finish_targets(const Translator& translator, const ProxyDraft& draft);
config::Backend finish_backend(Translator& translator, const ProxyDraft& draft, const Line& line);

/// Of frontends and backends; nothing if none is said.
std::optional<config::Compression> finish_compression(const ProxyDraft& draft);

}  // namespace reseal::haproxy
