// The exchange before it has a server: bodies that rules look at, which are waited for up to a bound, and what a client is told
// meanwhile.
#include "lb/proxy/exchange.h"

namespace reseal::proxy {

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
  body_.wait(wish.at_least);
  state_ = State::kBody;
  context_.loop.start_timer(client_timer_, wish.time.value_or(frontend_->timeouts.request_head));
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
    on_request_failed({Code::kBodyTooLarge, Origin::kClient, "the body is larger than max_body_size", 0, 0, 0});
    return;
  }
  if (!body_.take(data)) return;
  client_side_->pause_request_body();
  end_buffering();
}

void Exchange::end_buffering() {
  client_timer_.stop();
  state_ = State::kAsking;
  if (rules_.lines().has_backend()) {
    judged_by_backend();
  } else {
    rules_.judge_on(*frontend_, generation_->table(), request_);
    judged();
  }
}

}  // namespace reseal::proxy
