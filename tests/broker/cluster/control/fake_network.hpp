#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/links/links.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster::harness {

class BrokerProcess;

/// The virtual clock and what else the parts of a test cluster share.
class World {
 public:
  virtual ~World() = default;
  virtual core::Milliseconds now() const = 0;
  virtual void schedule(core::Milliseconds delay, std::function<void()> event) = 0;
  /// How long something is under way.
  virtual core::Milliseconds latency() = 0;
  virtual std::shared_ptr<BrokerProcess> by_address(const std::string& address) = 0;
};

/// Connections between processes, as TCP gives them: in order, and without loss until they break. While the direction
/// between two brokers is cut nothing arrives there; what is under way waits for the heal, unless the connection is
/// given up before (`patience_ms`). Links that were opened are connected again until they are closed.
class FakeNetwork {
 public:
  explicit FakeNetwork(World& world) : world_(world) {}

  /// `shard` -1: a control link.
  void open(const std::shared_ptr<BrokerProcess>& opener, int shard, LinkId link, std::string address,
            proto::Hello hello);
  void close(const BrokerProcess& process, int shard, LinkId link);
  void send(const BrokerProcess& process, LinkId link, std::string bytes);
  /// The process is gone; its kernel ends its connections.
  void end_all_of(const BrokerProcess& process);

  void cut(const std::string& from, const std::string& to);
  void cut_both(const std::string& a, const std::string& b) {
    cut(a, b);
    cut(b, a);
  }
  void heal(const std::string& a, const std::string& b);
  void heal_all();
  /// Breaks all connections between the two once; they come back.
  void break_links(const std::string& a, const std::string& b);

  core::Milliseconds patience_ms = 3000;
  core::Milliseconds reconnect_ms = 50;

 private:
  /// A link that is kept up.
  struct Intent {
    std::weak_ptr<BrokerProcess> opener;
    int shard = -1;
    LinkId link = 0;
    std::string from;
    std::string to;  ///< as the Hello says
    std::string address;
    proto::Hello hello;
    bool wanted = true;
  };
  using IntentRef = std::shared_ptr<Intent>;

  struct Connection;
  using ConnectionRef = std::shared_ptr<Connection>;
  /// Gets the connection, which must not hold itself.
  using Arrival = std::function<void(const ConnectionRef&)>;

  struct Pipe {
    std::string from;
    std::string to;
    std::deque<Arrival> under_way;
    core::Milliseconds last_arrival = 0;
  };
  struct Connection {
    IntentRef intent;
    std::weak_ptr<BrokerProcess> acceptor;
    LinkId accepted = 0;
    bool open = true;
    Pipe out;   ///< from the opener
    Pipe back;  ///< to the opener
  };

  void attempt(const IntentRef& intent);
  void retry(const IntentRef& intent);
  void arrive(const IntentRef& intent);
  void push(const ConnectionRef& connection, Pipe& pipe, Arrival arrival);
  void move(const ConnectionRef& connection, Pipe& pipe);
  void end(const ConnectionRef& connection);
  void tell_opener_down(const ConnectionRef& connection);
  void tell_acceptor_down(const ConnectionRef& connection);
  bool is_cut(const std::string& from, const std::string& to) const { return cut_.contains({from, to}); }
  ConnectionRef find(const BrokerProcess& process, int shard, LinkId link) const;
  std::vector<ConnectionRef> between(const std::string& a, const std::string& b) const;

  World& world_;
  std::set<std::pair<std::string, std::string>> cut_;
  std::vector<IntentRef> intents_;
  std::vector<ConnectionRef> connections_;
  LinkId last_accepted_ = accepted_links;
};

}  // namespace mqttzoo::cluster::harness
