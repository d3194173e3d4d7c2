#include "lb/config/places.h"

namespace reseal::config {
namespace {

void clear(RuleLine& line) {
  line.places.clear();
}

void clear(std::vector<RuleLine>& lines) {
  for (RuleLine& line : lines) clear(line);
}

void clear(RuleLines& rules) {
  for (auto* lines :
       {&rules.acls, &rules.tcp_connection, &rules.tcp_session, &rules.tcp_content, &rules.http_request,
        &rules.redirect, &rules.http_response, &rules.http_after_response, &rules.tcp_response,
        &rules.handover, &rules.use_backend, &rules.use_server, &rules.persist, &rules.balance_hash})
    clear(*lines);
}

void clear(ServerTls& tls) {
  tls.place = {};
  tls.certificate_places.clear();
  for (ListedCertificate& listed : tls.listed) listed.place = {};
}

void clear(Bind& bind) {
  bind.place = {};
  clear(bind.own_tls);
}

void clear(ClientTls& tls) {
  tls.place = tls.ca_place = tls.certificate_place = tls.key_place = {};
}

void clear(std::vector<AccessLog>& logs) {
  for (AccessLog& log : logs) log.place = {};
}

void clear(std::vector<ErrorPage>& pages) {
  for (ErrorPage& page : pages) page.place = {};
}

void clear(Rule& rule) {
  rule.place = rule.use_place = rule.when.place = {};
  if (rule.reply) rule.reply->place = {};
}

void clear(Frontend& frontend) {
  frontend.place = frontend.default_place = frontend.timeouts.place = {};
  for (Bind& bind : frontend.binds) clear(bind);
  if (frontend.tls) clear(*frontend.tls);
  for (Acl& acl : frontend.acls) acl.place = {};
  for (Rule& rule : frontend.rules) clear(rule);
  clear(frontend.rule_lines);
  clear(frontend.error_pages);
  if (frontend.access_logs) clear(*frontend.access_logs);
}

void clear(Server& server) {
  server.place = {};
  if (server.hop && server.hop->tls) clear(*server.hop->tls);
  if (server.own_check && server.own_check->check) server.own_check->check->place = {};
  if (server.own_check && server.own_check->tls) clear(*server.own_check->tls);
  if (server.passive) server.passive->place = {};
}

void clear(Backend& backend) {
  backend.place = backend.passive.place = backend.timeouts.place = backend.retry.place =
      backend.queue.place = {};
  if (backend.tls) clear(*backend.tls);
  if (backend.check) backend.check->place = {};
  if (backend.persistence) backend.persistence->place = {};
  if (backend.persistence && backend.persistence->cookie) backend.persistence->cookie->key_file_place = {};
  for (Server& server : backend.servers) clear(server);
  clear(backend.error_pages);
  clear(backend.rule_lines);
  clear(backend.stick_rules);
  clear(backend.message_logs);
}

}  // namespace

Configuration without_places(Configuration configuration) {
  configuration.file.clear();
  clear(configuration.access_logs);
  configuration.admin.place = configuration.process.place = {};
  if (configuration.admin.http) clear(*configuration.admin.http);
  for (RuntimeSocket& socket : configuration.runtime_api.sockets) clear(socket.bind);
  for (Frontend& frontend : configuration.frontends) clear(frontend);
  for (Backend& backend : configuration.backends) clear(backend);
  for (StickTable& table : configuration.stick_tables) table.place = {};
  for (Resolvers& resolvers : configuration.resolvers) resolvers.place = {};
  clear(configuration.variables);
  for (UserList& list : configuration.user_lists) {
    list.place = {};
    for (User& user : list.users) user.place = {};
  }
  return configuration;
}

}  // namespace reseal::config
