#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "broker/cluster/links/links.hpp"
#include "broker/common/backoff.hpp"
#include "tests/simulation/world/loop.hpp"
#include "tests/simulation/world/network.hpp"

namespace mqttzoo::sim {

/// The peer links of one thread, as broker/net keeps them: opened ones are opened again until they are closed.
class SimulatedLinks final : public cluster::LinkTransport {
 public:
  SimulatedLinks(Loop& loop, Network& network, Random& random, Place place, Port port)
      : loop_(loop), network_(network), random_(random), place_(std::move(place)), port_(port) {}
  ~SimulatedLinks() override;

  void attach(cluster::LinkOwner& owner) { owner_ = &owner; }

  // LinkTransport
  void open(cluster::LinkId link, std::string address, proto::Hello hello) override;
  void close(cluster::LinkId link) override;
  mqtt::ByteBuffer& output(cluster::LinkId link) override;

  /// A connection whose Hello was accepted; what came behind the Hello is in `early`.
  void adopt(const StreamRef& stream, const proto::Hello& hello, std::string early);
  void turn(core::Milliseconds now);
  void flush();
  core::Milliseconds next_deadline() const;

 private:
  enum class State : std::uint8_t { resting, greeting, up };
  struct Link {
    std::string address;
    proto::Hello hello;
    StreamRef stream;
    Stream::Side side = Stream::opener;
    State state = State::resting;
    core::Milliseconds deadline = 0;
    core::Milliseconds up_since = 0;
    Backoff backoff{{.first_ms = 50, .longest_ms = 1'000}};
    std::string unread;
    mqtt::ByteBuffer output;
  };

  void dial(Link& link, core::Milliseconds now);
  void read(cluster::LinkId id, core::Milliseconds now);
  bool take_frame(cluster::LinkId id, std::string_view frame, core::Milliseconds now);
  void end(cluster::LinkId id, core::Milliseconds now);
  void drop_stream(Link& link);
  Link* find(cluster::LinkId id);

  Loop& loop_;
  Network& network_;
  Random& random_;
  const Place place_;
  const Port port_;
  cluster::LinkOwner* owner_ = nullptr;
  std::map<cluster::LinkId, Link> links_;
  cluster::LinkId next_accepted_ = cluster::accepted_links;
  core::Milliseconds now_ = 0;
  mqtt::ByteBuffer nowhere_;
};

}  // namespace mqttzoo::sim
