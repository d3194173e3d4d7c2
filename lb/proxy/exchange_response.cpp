// The exchange and its server: what comes of the way to it, and of the response.
#include "lb/http/sanitize.h"
#include "lb/proxy/exchange.h"
#include "lb/proxy/local_reply.h"

namespace reseal::proxy {

// ---- on the way to it

void Exchange::on_server_ready() {
  take_request_body();
}

void Exchange::on_retry() {
  pause_client_clock();
  // Body bytes that were taken are kept to be sent again; no more until there is somewhere to put them.
  if (!is_request_complete()) client_side_->pause_request_body();
}

// ---- the response

void Exchange::on_informational(http::ResponseHead& head) {
  if (is_over()) return;
  http::drop_hop_by_hop(head);
  rules_.prepare_beside_response(head.fields);
  server_side_.persistence().prepare_interim(head);
  client_side_->send_informational(head);
}

void Exchange::on_response_head(http::ResponseHead& head) {
  if (is_over()) return;
  if (const auto understood = websocket_.answered(head); !understood) {
    server_side_.response_failed(understood.error());
    return;
  }
  if (!server_side_.take_response(head)) return;
  account_.take_response(head, request_.arena);
  rules_.see_response(head, context_.loop.now(), account_.captures().response);
  server_side_.note_answer(rules_.context());
  http::drop_hop_by_hop(head);
  if (!rules_.judge_response(head, server_side_.chosen(), server_side_)) {
    answer_in_place_of_response();
    return;
  }
  rules_.prepare_response(head);
  server_side_.persistence().answered(head, context_.loop.now());
  rules_.finish_response(head);
  if (head.framing.kind == http::BodyKind::kTunnel) {
    open_tunnel();
    return;
  }
  state_ = State::kResponding;
  account_.respond({Code::kOk, head.status, true, rules_, request_, response_, server_side_});
  compression_.begin(compression_policy(), request_, head, *client_side_, server_side_.backend()->counters());
  account_.coding = compression_.coding();
  client_side_->send_head(head);
  server_side_.expect(idle_timeout());
}

void Exchange::answer_in_place_of_response() {
  const rules::actions::Answer* answer = rules_.decision().answer;
  // Counted here, since the account does not see the server any more.
  if (answer != nullptr && answer->is_refusal)
    server_side_.lease().pool().counters().failures[static_cast<std::size_t>(Code::kResponseDenied)].add();
  server_side_.cancel();
  if (rules_.decision().outcome == Decision::Outcome::kDeny) {
    answer_error({Code::kResponseDenied, Origin::kServer, "a rule denies the response", 0, 0, 0});
  } else {
    answer_by_rule();
  }
}

void Exchange::open_tunnel() {
  state_ = State::kTunnel;
  backends::TunnelTimeouts timeouts = server_side_.settings().tunnel_timeouts;
  timeouts.open = rules_.tunnel_timeout(timeouts.open);
  tunnel_.open(timeouts);
  client_side_->send_head(response_);
  server_side_.expect(idle_timeout());
  // Other sessions have something to say of their own, before or between the bytes of a tunnel.
  if (frontend_->is_tcp) {
    tunnel_.splice(owner_->stream(), server_side_.stream(), *this);
    if (send_inspected()) return;
  }
  take_request_body();
}

/// What rules have looked at, to the server. True: nothing is to be read of the client for now.
bool Exchange::send_inspected() {
  if (!body_.was_waited_for()) return false;
  const bool is_over = body_.view().is_complete;
  const bool is_taken = server_side_.send_body(body_.view().bytes);
  body_.end();
  if (is_over) {
    client_ended_tunnel();
  } else if (!is_taken) {
    hold_client_back();
  }
  return is_over || !is_taken;
}

void Exchange::on_spliced(const net::Splice& splice, std::size_t bytes) {
  frontend_->counters->of(context_.worker).bytes_spliced.add(bytes);
  if (tunnel_.is_response(splice)) {
    account_.response_bytes += bytes;
    look_at_client();
    return;
  }
  account_.request_bytes += bytes;
  server_side_.expect(idle_timeout());
  if (server_side_.writer().is_backed_up()) hold_client_back();
}

void Exchange::on_response_body(std::string_view data) {
  if (is_over()) return;
  if (compression_.is_on()) {
    send_compressed(data);
  } else {
    account_.response_bytes += data.size();
    client_side_->send_body(data);
    look_at_client();
  }
}

void Exchange::send_compressed(std::string_view data) {
  if (!compression_.send_body(data)) {
    compression_failed();
    return;
  }
  if (compression_.wants_flush()) context_.loop.schedule_flush(*this);
  look_at_client();
}

void Exchange::compression_failed() {
  server_side_.fail({Code::kInternal, Origin::kLocal, "the response could not be compressed", 0, 0, 0});
}

void Exchange::look_at_client() {
  if (client_side_->is_backed_up()) {
    server_side_.pause_clock();  // the client is what is waited for
    server_side_.writer().pause_response();
    owner_->on_exchange_flow();
  } else {
    server_side_.expect(idle_timeout());
  }
}

void Exchange::on_response_drained() {
  if (state_ == State::kPage && page_.is_sending() && page_.go_on(*client_side_)) finish_page();
  if (!is_responding()) return;
  server_side_.expect(idle_timeout());
  if (state_ == State::kTunnel && tunnel_.has_server_ended()) return;
  server_side_.writer().resume_response();
}

void Exchange::on_response_end(std::span<http::Field> trailers) {
  if (is_over()) return;
  http::ResponseWriter& writer = *client_side_;
  if (state_ == State::kTunnel && !tunnel_.has_client_ended()) {
    tunnel_.end_server();
    if (!writer.is_backed_up()) server_side_.expect(idle_timeout());
    writer.send_end({});
    return;
  }
  if (compression_.is_on() && !compression_.finish_body()) {
    compression_failed();
    return;
  }
  rules_.prepare_beside_response(trailers);
  // The writer comes last: ending the response may begin the next request of this client, which may take the
  // very connection that is given back here.
  finish(Code::kOk, response_.status);
  writer.send_end(trailers);
}

void Exchange::on_response_failed(const Error& error) {
  if (!is_over()) server_side_.response_failed(error);
}

void Exchange::on_server_timeout() {
  if (state_ == State::kTunnel) {
    if (tunnel_.is_draining(owner_->stream(), server_side_.stream())) {
      server_side_.expect(idle_timeout());
      return;
    }
    // Nobody's failure: neither side has sent anything for too long.
    server_side_.cancel();
    cut_off(Code::kTunnelTimeout, response_.status);
    return;
  }
  server_side_.response_failed(
      {Code::kServerTimeout, Origin::kServer,
       state_ == State::kResponding ? "the response stopped midway" : "no response in time", 0, 0, 0});
}

void Exchange::on_server_failed(const Error& error) {
  const bool was_asked = server_side_.phase() == ServerSide::Phase::kRequesting || is_responding();
  if (was_asked && error.origin == Origin::kServer) rules_.tracking().count_failure(context_.loop.now());
  if (is_responding()) {
    cut_off(error.code, response_.status);
  } else {
    answer_error(error);
  }
}

void Exchange::on_server_redirects(std::string_view prefix) {
  constexpr int kFound = 302;
  const std::string location = std::string(prefix) + std::string(request_.target);
  http::ResponseWriter& writer = *client_side_;
  const LocalReply reply{rules_, request_.method, response_, writer};
  finish(Code::kOk, kFound);
  reply_moved(kFound, location, reply);
}

void Exchange::on_server_withdrawn(const Error& error) {
  if (state_ != State::kTunnel || request_.version == http::Version::kHttp2) {
    on_server_failed(error);
    return;
  }
  // What has come so far is the client's.
  http::ResponseWriter& writer = *client_side_;
  finish(error.code, response_.status);
  writer.close_after_response();
  writer.send_end({});
}

}  // namespace reseal::proxy
