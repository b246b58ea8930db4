#include "broker/core/in_flight_window.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::core {
namespace {

std::uint16_t send(InFlightWindow& window, InFlightState state = InFlightState::awaiting_puback) {
  const std::uint16_t id = window.next_id();
  window.push(state);
  return id;
}

TEST(InFlightWindow, GivesIdentifiersInOrder) {
  InFlightWindow window(10);
  EXPECT_EQ(send(window), 1);
  EXPECT_EQ(send(window, InFlightState::awaiting_pubrec), 2);
  ASSERT_NE(window.find(2), nullptr);
  EXPECT_EQ(*window.find(2), InFlightState::awaiting_pubrec);
  EXPECT_EQ(window.find(0), nullptr);
  EXPECT_EQ(window.find(3), nullptr);
  window.acknowledge(window.find(1));
  EXPECT_EQ(window.find(1), nullptr);
  EXPECT_EQ(send(window), 3);
  EXPECT_EQ(window.size(), 2U);
}

// v5 [MQTT-3.3.4-9]
TEST(InFlightWindow, HasRoomForReceiveMaximumAndNoMore) {
  InFlightWindow window(2);
  send(window);
  EXPECT_TRUE(window.has_room());
  send(window);
  EXPECT_FALSE(window.has_room());
  window.acknowledge(window.find(2));
  EXPECT_TRUE(window.has_room());
}

TEST(InFlightWindow, AnAcknowledgementThatNeverComesBlocksInTheEnd) {
  InFlightWindow window(4);
  EXPECT_EQ(send(window), 1);
  int sent = 1;
  while (window.has_room()) {
    window.acknowledge(window.find(send(window)));
    ++sent;
  }
  EXPECT_EQ(sent, 16);
  EXPECT_EQ(window.size(), 1U);
  window.acknowledge(window.find(1));
  EXPECT_EQ(window.size(), 0U);
  EXPECT_TRUE(window.has_room());
}

// v5 [MQTT-2.2.1-3], v3.1.1 [MQTT-2.3.1-1]: never 0.
TEST(InFlightWindow, GoesRoundAfter65535) {
  InFlightWindow window(3);
  std::uint16_t id = 0;
  for (int i = 0; i < 65'534; ++i) {
    id = send(window);
    window.acknowledge(window.find(id));
  }
  EXPECT_EQ(id, 65'534);
  EXPECT_EQ(send(window), 65'535);
  EXPECT_EQ(send(window), 1);
  EXPECT_EQ(send(window), 2);
  EXPECT_FALSE(window.has_room());
  EXPECT_NE(window.find(65'535), nullptr);
  window.acknowledge(window.find(1));
  EXPECT_NE(window.find(65'535), nullptr);
  EXPECT_NE(window.find(2), nullptr);
  window.acknowledge(window.find(65'535));
  EXPECT_EQ(window.find(65'535), nullptr);
  EXPECT_NE(window.find(2), nullptr);
  EXPECT_EQ(send(window), 3);
}

TEST(InFlightWindow, TheWidestWindowUsesEachIdentifierOnce) {
  InFlightWindow window(65'535);
  for (int i = 0; i < 65'535; ++i) {
    ASSERT_TRUE(window.has_room());
    ASSERT_EQ(window.find(window.next_id()), nullptr);
    send(window);
  }
  EXPECT_FALSE(window.has_room());
}

}  // namespace
}  // namespace mqttzoo::core
