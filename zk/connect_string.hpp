#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mqttzoo::zk {

/// Where the ensemble is, as in `--zookeeper a:2181,b:2181,[fd00::3]:2181/mqtt`: servers in any order, tried in random
/// order, and optionally the znode below which all of ours lie. The port may be left out (2181).
struct ConnectString {
  struct Server {
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const Server&) const = default;
  };

  std::vector<Server> servers;
  std::string chroot;  ///< "" or "/mqtt/north": no trailing slash

  /// Throws std::invalid_argument with one line that names the part which is wrong.
  static ConnectString parse(std::string_view text);

  /// As the C client takes it: no chroot, IPv6 addresses without brackets.
  std::string hosts_for_c_client() const;
  /// For logs and error messages.
  std::string to_string() const;
};

}  // namespace mqttzoo::zk
