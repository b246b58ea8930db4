#include "broker/net/connection_count.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::net {
namespace {

std::shared_ptr<ListenerCounts> listener_of(const std::shared_ptr<ConnectionCount>& all, std::size_t most) {
  auto counts = std::make_shared<ListenerCounts>();
  counts->own.most = most;
  counts->of_all = all;
  return counts;
}

TEST(ConnectionCount, Places_are_given_back_once_wherever_they_have_moved) {
  const auto all = std::make_shared<ConnectionCount>();
  const auto listener = listener_of(all, 1);
  EXPECT_FALSE(listener->own.full());
  {
    ConnectionPlace place(listener);
    EXPECT_TRUE(listener->own.full());
    ConnectionPlace moved = std::move(place);
    ConnectionPlace assigned;
    assigned = std::move(moved);
    EXPECT_EQ(listener->own.open, 1U);
    EXPECT_EQ(all->open, 1U);
  }
  EXPECT_EQ(listener->own.open, 0U);
  EXPECT_EQ(all->open, 0U);
  EXPECT_FALSE(listener->own.full());
}

TEST(ConnectionCount, All_listeners_fill_the_common_one) {
  const auto all = std::make_shared<ConnectionCount>();
  all->most = 2;
  const auto first = listener_of(all, 5);
  const auto second = listener_of(all, 5);
  const ConnectionPlace a(first);
  EXPECT_FALSE(all->full());
  const ConnectionPlace b(second);
  EXPECT_TRUE(all->full());
  EXPECT_FALSE(first->own.full());
}

}  // namespace
}  // namespace mqttzoo::net
