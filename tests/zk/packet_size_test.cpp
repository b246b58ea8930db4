#include "zk/packet_size.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::zk {
namespace {

using cluster::MultiOperation;
using Kind = MultiOperation::Kind;

MultiOperation operation(Kind kind, std::string path, std::string data) {
  return {.kind = kind, .path = std::move(path), .data = std::move(data)};
}

// Counted by hand from the records of zookeeper.jute: header 8, strings and buffers 4 + length, int 4, boolean 1.
TEST(PacketSize, SingleRequests) {
  const PacketSize size;
  EXPECT_EQ(size.read(5), 8u + 9 + 1);
  EXPECT_EQ(size.create(5, 10), 8u + 9 + 14 + (4 + 4 + 9 + 10) + 4);
  EXPECT_EQ(size.set(5, 10), 8u + 9 + 14 + 4);
  EXPECT_EQ(size.remove(5), 8u + 9 + 4);
}

TEST(PacketSize, ChrootAndAccessControlCount) {
  const PacketSize size{.chroot_bytes = 7, .acl_bytes = acl_bytes_creator};
  EXPECT_EQ(size.create(5, 10), 8u + 16 + 14 + (4 + 4 + 8 + 4) + 4);
}

TEST(PacketSize, MultiAddsAHeaderPerPartAndOneAtTheEnd) {
  const PacketSize size;
  EXPECT_EQ(size.multi({}), 8u + 9);
  EXPECT_EQ(size.multi({operation(Kind::create, "/a", "xy"), operation(Kind::set, "/b", "xyz"),
                        operation(Kind::remove, "/c", ""), operation(Kind::check, "/d", "")}),
            8u + (9 + 6 + 6 + 27 + 4) + (9 + 6 + 7 + 4) + (9 + 6 + 4) + (9 + 6 + 4) + 9);
}

}  // namespace
}  // namespace mqttzoo::zk
