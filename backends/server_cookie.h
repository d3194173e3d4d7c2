// Persistence by a cookie whose value the configuration gives each server, as HAProxy's `cookie` has it. What one generation
// says of it, immutable; shared by workers. What is done with a message is in lb/proxy/server_cookie.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/server_state.h"
#include "lb/base/arena.h"

namespace reseal::backends {

class ServerCookiePersistence {
 public:
  enum class Mode : std::uint8_t { kPassive, kInsert, kRewrite, kPrefix };
  struct Settings {
    std::string name;
    Mode mode = Mode::kPassive;
    bool indirect = false;
    bool nocache = false;
    bool postonly = false;
    bool preserve = false;
    bool asks_down = false;  ///< a server that is down is asked all the same
    std::string attributes;
    std::chrono::seconds max_idle{0}, max_life{0};  ///< 0: none
  };
  struct Member {
    std::string value;  ///< empty: the server has none
    std::shared_ptr<const ServerState> state;
    std::string key{};  ///< not empty: the value is made of it and of where the server is
  };
  ServerCookiePersistence(Settings settings, std::vector<Member> servers);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] bool is_dated() const {
    return settings_.max_idle.count() != 0 || settings_.max_life.count() != 0;
  }

  /// The first server of that value that may be asked; several may share one. `is_known`: one has it, whatever its state.
  struct Found {
    std::optional<std::uint32_t> server;
    bool is_known = false;
    bool is_up = false;  ///< with `server`
  };
  /// `asks_down`: also one that is down, as where the settings say so.
  [[nodiscard]] Found find(std::string_view value, bool asks_down) const;
  /// Empty: it has none.
  [[nodiscard]] std::string_view value_of(std::uint32_t server, Arena& arena) const {
    return has_moved(server) ? arena.copy(value_now(server)) : std::string_view(servers_[server].value);
  }
  /// What Set-Cookie says of that server, when nothing is dated; or with the value "" that the cookie is to be forgotten.
  [[nodiscard]] std::string_view set_cookie(std::uint32_t server, Arena& arena) const {
    return has_moved(server) ? arena.copy(text_with(value_now(server)))
                             : std::string_view(set_cookie_[server]);
  }

 private:
  /// Since it got its value.
  [[nodiscard]] bool has_moved(std::uint32_t server) const {
    return !servers_[server].key.empty() && servers_[server].state->address.version() != versions_[server];
  }
  [[nodiscard]] std::string value_now(std::uint32_t server) const;
  [[nodiscard]] std::string text_with(const std::string& value) const;
  Settings settings_;
  std::vector<Member> servers_;
  std::vector<std::string> set_cookie_;
  std::vector<std::uint32_t> versions_;  // of the servers' addresses
};

}  // namespace reseal::backends
