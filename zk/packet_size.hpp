#pragma once

#include <cstddef>
#include <vector>

#include "broker/cluster/coordinator.hpp"

namespace mqttzoo::zk {

/// A server drops the connection on a packet of more bytes than this (its default jute.maxbuffer).
inline constexpr std::size_t packet_bytes_max = 1'048'575;

/// Bytes that an access control list takes in a create: {world, anyone} or {auth, ""} with their permissions.
inline constexpr std::size_t acl_bytes_anyone = 27;
inline constexpr std::size_t acl_bytes_creator = 20;

/// The sizes on the wire of what we send, without the four bytes of the packet's length that the limit does not count.
/// Strings and buffers are preceded by their length; a request by its number and type; a part of a multi by type, done
/// flag and error. Header-only and without zookeeper.h, since the ensemble of the tests draws the same line.
struct PacketSize {
  std::size_t chroot_bytes = 0;
  std::size_t acl_bytes = acl_bytes_anyone;

  static constexpr std::size_t request_header = 8;
  static constexpr std::size_t part_header = 9;

  std::size_t path(std::size_t bytes) const { return 4 + chroot_bytes + bytes; }

  std::size_t part(const cluster::MultiOperation& operation) const {
    using Kind = cluster::MultiOperation::Kind;
    switch (operation.kind) {
      case Kind::create:
        return path(operation.path.size()) + 4 + operation.data.size() + acl_bytes + 4;
      case Kind::set:
        return path(operation.path.size()) + 4 + operation.data.size() + 4;
      case Kind::remove:
      case Kind::check:
        break;
    }
    return path(operation.path.size()) + 4;
  }

  std::size_t read(std::size_t path_bytes) const { return request_header + path(path_bytes) + 1; }
  std::size_t create(std::size_t path_bytes, std::size_t data_bytes) const {
    return request_header + path(path_bytes) + 4 + data_bytes + acl_bytes + 4;
  }
  std::size_t set(std::size_t path_bytes, std::size_t data_bytes) const {
    return request_header + path(path_bytes) + 4 + data_bytes + 4;
  }
  std::size_t remove(std::size_t path_bytes) const { return request_header + path(path_bytes) + 4; }
  std::size_t multi(const std::vector<cluster::MultiOperation>& operations) const {
    std::size_t bytes = request_header + part_header;
    for (const auto& operation : operations) bytes += part_header + part(operation);
    return bytes;
  }
};

}  // namespace mqttzoo::zk
