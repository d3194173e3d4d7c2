// The agent of one server, asked again and again over connections of their own what it has to say. It decides nothing: what
// it says goes to the watch. Bounded in time by its interval, in memory by kMostAgentReply.
//
// Owner: the watch on that server. Control thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backends/server_state.h"
#include "health/agent_reply.h"
#include "health/probe.h"
#include "lb/base/random.h"
#include "lb/config/agent_check.h"
#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"

namespace reseal::health {

class AgentEvents {
 public:
  /// What came of asking; `reply`: nothing where that was no answer.
  virtual void on_agent_said(const ProbeResult& result, const std::optional<AgentReply>& reply) = 0;

 protected:
  ~AgentEvents() = default;
};

class Agent final : public net::StreamEvents {
 public:
  /// All but the settings are borrowed.
  Agent(net::Loop& loop, Random& random, config::AgentCheck settings,
        std::shared_ptr<const backends::ServerState> server, AgentEvents& events);
  ~Agent() { hang_up(); }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  [[nodiscard]] const config::AgentCheck& settings() const { return settings_; }

 private:
  void on_open() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override {}
  void on_failure(const Error& error) override;
  void on_due();

  void ask();
  void read(bool is_all);
  void fail(config::CheckStatus status, std::string info);
  void finish(ProbeResult result, const std::optional<AgentReply>& reply);
  void hang_up();

  net::Loop& loop_;
  const config::AgentCheck settings_;
  const std::shared_ptr<const backends::ServerState> server_;
  AgentEvents& events_;
  std::unique_ptr<net::ByteStream> stream_;  // null: nothing is being asked
  net::Timer timer_;                         // until it is asked, then until that has lasted too long
  std::string input_;
  TimePoint asked_{};
  bool open_ = false;
};

}  // namespace reseal::health
