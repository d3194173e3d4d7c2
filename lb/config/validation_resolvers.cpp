#include "lb/config/validation_resolvers.h"

#include <algorithm>

#include "lb/net/address.h"

namespace reseal::config {

void validate_resolvers(ValueReader& reader, const Configuration& configuration) {
  for (const Backend& backend : configuration.backends) {
    for (const Server& server : backend.servers) {
      const std::string& name = server.options.resolvers;
      if (name.empty()) continue;
      if (std::ranges::find(configuration.resolvers, name, &Resolvers::name) ==
          configuration.resolvers.end()) {
        reader.error(server.place, "server '" + server.name + "' of backend '" + backend.name +
                                       "' names the resolvers '" + name + "', which are not there");
      }
      const bool is_secured = server.hop ? server.hop->tls.has_value() : backend.tls.has_value();
      const bool may_be_plain =
          is_secured || backend.tls_passthrough || backend.plaintext == Plaintext::kAllowed;
      if (!may_be_plain && !net::Address::parse(server.host, 0)) {
        reader.error(server.place,
                     "server '" + server.name + "' of backend '" + backend.name +
                         "': its name may lead anywhere while reseal serves, and requests would cross "
                         "the network in plaintext; give the backend a `tls:` section, or spell out "
                         "`plaintext: allowed`");
      }
    }
  }
}

}  // namespace reseal::config
