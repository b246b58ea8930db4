#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mqttzoo::support {

/// Real ZooKeeper servers as plain processes on loopback, on free ports and in a directory of their own: one alone, or
/// an ensemble of several. They are killed with the object, and by the kernel when the thread that started them ends.
/// Servers are counted from 0.
class ZooKeeperServers {
 public:
  struct Options {
    int count = 1;
    int tick_ms = 500;  ///< sessions time out after 2 to 20 ticks
    /// Waits for the disk before a change is answered, as a real server does.
    bool durable = false;
    /// Optimise as long-running servers do; without it they start in half the time.
    bool optimised = false;
  };

  /// Starts them and waits until they serve. Throws std::runtime_error with the servers' words where they do not.
  ZooKeeperServers() : ZooKeeperServers(Options{}) {}
  explicit ZooKeeperServers(Options options);
  ~ZooKeeperServers();
  ZooKeeperServers(const ZooKeeperServers&) = delete;
  ZooKeeperServers& operator=(const ZooKeeperServers&) = delete;

  std::uint16_t port(int server) const { return servers_.at(static_cast<std::size_t>(server)).client_port; }
  /// "127.0.0.1:20001,127.0.0.1:20002"
  std::string connect_string() const;

  void kill(int server);
  void start(int server);
  void freeze(int server);  ///< SIGSTOP: keeps its connections and says nothing
  void thaw(int server);

  /// The server answers requests: it stands alone or is part of a quorum.
  bool serves(int server) const;
  void wait_until_all_serve() const;
  std::optional<int> leader() const;
  pid_t process(int server) const { return servers_.at(static_cast<std::size_t>(server)).process; }

  /// The answer to a four-letter word; empty when the server does not answer.
  std::string ask(int server, const std::string& word) const;

 private:
  struct Server {
    std::uint16_t client_port = 0;
    std::uint16_t quorum_port = 0;
    std::uint16_t election_port = 0;
    pid_t process = -1;
  };

  std::filesystem::path directory(int server) const { return directory_ / std::to_string(server); }
  void write_configuration(int server) const;

  Options options_;
  std::filesystem::path directory_;
  std::vector<Server> servers_;
};

}  // namespace mqttzoo::support
