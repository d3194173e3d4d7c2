// The exchange before it has a server: what rules decide, bodies that they look at, which are waited for up to a bound, and
// what a client is told meanwhile.
#include "lb/proxy/exchange.h"
#include "lb/proxy/local_reply.h"

namespace reseal::proxy {
namespace {

/// The client takes a coding that the response could be given here.
bool is_left_to_us(const http::CompressionPolicy* policy, const http::RequestHead& request) {
  return policy != nullptr && policy->hides_accepted &&
         http::AcceptedCodings(request).best_of(policy->codings) != http::Coding::kIdentity;
}

}  // namespace

// ---- what rules have decided

void Exchange::judged() {
  heed_overrides();
  const Decision::Outcome outcome = rules_.decision().outcome;
  const bool is_open = outcome == Decision::Outcome::kBackend || outcome == Decision::Outcome::kNoRoute;
  if (is_open && answer_by_page(frontend_->stats_page)) return;
  if (rules_.decision().outcome != Decision::Outcome::kBackend) {
    obey_rules();
    return;
  }
  judged_by_backend();
}

void Exchange::judged_by_backend() {
  const Frontend& frontend = *frontend_;
  const ClientFacts& client = account_.client();
  const RoutingTable& table = generation_->table();
  const std::uint32_t chosen = rules_.decision().backend;
  rules_.enter_backend(table.rules_of(chosen), *table.backends[chosen]);
  heed_overrides();
  if (rules_.decision().outcome == Decision::Outcome::kWait) {
    wait_for_body();
    return;
  }
  if (rules_.decision().outcome != Decision::Outcome::kBackend) {
    server_side_.choose_by(generation_->backend(chosen), frontend, client);
    obey_rules();
    return;
  }
  if (!table.backend_statistics.empty() && answer_by_page(table.backend_statistics[chosen])) return;
  if (request_.framing.kind == http::BodyKind::kLength && !rules_.allows_body(request_.framing.length)) {
    answer_error(kTooLarge);
    return;
  }
  server_side_.choose_by(generation_->backend(rules_.decision().backend), frontend, client);
  server_side_.stick(rules_.context());
  const backends::Backend& backend = server_side_.settings();
  if (!frontend.is_tcp) {
    const auto prepared = rules_.prepare_request(frontend, client, backend.name, request_);
    if (!prepared) {
      answer_error(prepared.error());
      return;
    }
    if (is_left_to_us(compression_policy(), request_))
      Compression::hide_accepted(compression_policy(), request_);
    add_address_fields(frontend.address_fields, backend.address_fields, client, request_);
  }
  server_side_.order(rules_.order_server(backend));
  server_side_.name_servers(rules_.context());
  server_side_.introduce(client);
  if (!frontend.unique_id_field.empty() && !request_.request_id.empty())
    request_.add(http::field_name(frontend.unique_id_field), frontend.unique_id_field, request_.request_id);
  websocket_.begin(request_);
  // In mode tcp it is sent when the tunnel is open.
  if (body_.was_waited_for() && !frontend.is_tcp)
    server_side_.begin_body(body_.view().bytes, body_.view().is_complete);
  server_side_.go(client, rules_.response_timeout(backend.response_timeout));
}

/// No server: what rules have decided, after a while if they say so.
void Exchange::obey_rules() {
  if (rules_.decision().outcome == Decision::Outcome::kWait) {
    wait_for_body();
    return;
  }
  const rules::actions::Answer* answer = rules_.decision().answer;
  if (answer == nullptr || !answer->is_tarpit || frontend_->timeouts.tarpit == Duration::zero()) {
    answer_by_rule();
    return;
  }
  state_ = State::kHeld;
  client_side_->pause_request_body();
  context_.loop.start_timer(client_timer_, frontend_->timeouts.tarpit);
}

void Exchange::answer_by_rule() {
  const Decision& decision = rules_.decision();
  http::ResponseWriter& writer = *client_side_;
  const LocalReply reply{rules_, request_.method, response_, writer};
  switch (decision.outcome) {
    case Decision::Outcome::kDeny:
      answer_error({Code::kRequestDenied, Origin::kClient, "a rule denies the request", 0, 0, 0});
      return;
    case Decision::Outcome::kRedirect:
      frontend_->counters->of(context_.worker).intercepted.add();
      finish(Code::kOk, decision.status());
      reply_redirect(decision.status(), reply);
      return;
    case Decision::Outcome::kReply:
      if (decision.answer != nullptr && decision.answer->is_refusal) {
        rules_.tracking().count_error(context_.loop.now());
        const bool is_of_response = server_side_.phase() == ServerSide::Phase::kAnswered;
        finish(is_of_response ? Code::kResponseDenied : Code::kRequestDenied, decision.status());
      } else {
        frontend_->counters->of(context_.worker).intercepted.add();
        finish(Code::kOk, decision.status());
      }
      reply_static(decision.status(), reply);
      return;
    case Decision::Outcome::kMetrics:
      answer_metrics();
      return;
    case Decision::Outcome::kClose:
      cut_off(Code::kRequestDenied, 0);
      return;
    case Decision::Outcome::kNoRoute:
    case Decision::Outcome::kBackend:
    case Decision::Outcome::kWait:
      answer_error(
          {Code::kNoRoute, Origin::kClient, "no rule matches and there is no default backend", 0, 0, 0});
      return;
  }
}

// ---- what a client is told meanwhile, and bodies

void Exchange::heed_overrides() {
  if (rules_.context() == nullptr) return;
  const rules::actions::Overrides& said = rules_.lines().overrides();
  if (said.source) account_.set_source(*said.source, request_.arena.copy(said.source->host()));
  if (said.destination) account_.set_destination(*said.destination);
  constexpr int kEarlyHints = 103;
  for (const auto& hint : rules_.take_hints()) {
    send_interim(kEarlyHints, &hint);
  }
}

void Exchange::send_interim(int status, const rules::actions::Overrides::Hint* field) {
  response_.reset();
  response_.status = status;
  response_.reason = http::reason_phrase(status);
  if (field != nullptr) response_.add(http::field_name(field->name), field->name, field->value);
  client_side_->send_informational(response_);
  response_.reset();
}

void Exchange::wait_for_body() {
  const rules::actions::BodyWish wish = rules_.decision().wish;
  state_ = State::kBody;
  if (frontend_->is_tcp) {
    context_.loop.start_irregular_timer(client_timer_, body_.inspection_time(context_.loop.now()));
  } else {
    context_.loop.start_timer(client_timer_, wish.time.value_or(frontend_->timeouts.request_head));
  }
  body_.wait(wish.at_least);
  // Told here, since no server will be asked before the body has come.
  if (request_.expect_continue) {
    constexpr int kContinue = 100;
    request_.expect_continue = false;
    request_.drop(http::FieldName::kExpect);
    send_interim(kContinue, nullptr);
  }
  client_side_->resume_request_body();
  if (!is_over()) owner_->on_exchange_flow();
}

void Exchange::buffer_body(std::string_view data) {
  if (!rules_.allows_body(account_.request_bytes)) {
    on_request_failed(kTooLarge);
    return;
  }
  if (!body_.take(data)) return;
  end_buffering();
}

void Exchange::end_buffering() {
  client_timer_.stop();
  if (!body_.view().is_complete) client_side_->pause_request_body();
  state_ = State::kAsking;
  if (rules_.lines().has_backend()) {
    judged_by_backend();
  } else {
    rules_.judge_on(*frontend_, generation_->table(), request_);
    judged();
  }
}

}  // namespace reseal::proxy
