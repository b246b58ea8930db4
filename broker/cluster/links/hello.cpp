#include "broker/cluster/links/hello.hpp"

#include <limits>
#include <string_view>

#include "broker/cluster/links/links.hpp"
#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::cluster {

namespace {

/// What somebody else wrote, fit for a log line.
std::string quoted(std::string_view text) {
  std::string safe = "'";
  for (const char character : text.substr(0, 64)) safe += character >= 0x20 && character < 0x7F ? character : '?';
  return safe + (text.size() > 64 ? "...'" : "'");
}

}  // namespace

proto::Hello make_hello(proto::LinkKind kind, const Incarnation& from, const Incarnation& to, std::uint16_t shard_count,
                        const std::string& cluster) {
  proto::Hello hello;
  hello.set_protocol_version(peer_protocol_version);
  hello.set_kind(kind);
  to_proto(from, *hello.mutable_from());
  to_proto(to, *hello.mutable_to());
  hello.set_shard_count(shard_count);
  hello.set_cluster(cluster);
  return hello;
}

std::string why_refused(const proto::Hello& hello, const HelloExpectation& expected) {
  if (hello.protocol_version() != peer_protocol_version)
    return "this broker speaks version " + std::to_string(peer_protocol_version) + " of the peer protocol, not " +
           std::to_string(hello.protocol_version());
  if (hello.kind() != proto::CONTROL && hello.kind() != proto::DATA)
    return "the link is neither for control nor for data";
  if (expected.cluster.empty() || expected.self.epoch == 0) return "this broker has not joined its cluster yet";
  if (hello.cluster() != expected.cluster)
    return "this broker belongs to another cluster than " + quoted(hello.cluster());
  const Incarnation to = from_proto(hello.to());
  if (to != expected.self)
    return "this broker is " + expected.self.text() + ", not " + quoted(to.name) + '#' + std::to_string(to.epoch);
  constexpr std::uint32_t count_max = std::numeric_limits<std::uint16_t>::max();
  if (hello.shard_count() == 0 || hello.shard_count() > count_max || hello.shard() >= hello.shard_count())
    return "shard " + std::to_string(hello.shard()) + " of " + std::to_string(hello.shard_count()) + " cannot be";
  if (!expected.sender_is_known)
    return quoted(hello.from().name()) + '#' + std::to_string(hello.from().epoch()) +
           " is not registered in ZooKeeper, as far as this broker knows";
  return {};
}

}  // namespace mqttzoo::cluster
