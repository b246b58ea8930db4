#include "broker/core/in_flight_window.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::core {
namespace {

InFlightWindow window_of(std::uint16_t count_max) {
  InFlightWindow window;
  window.begin_again(count_max);
  return window;
}

std::uint16_t send(InFlightWindow& window, InFlightState state = InFlightState::awaiting_puback,
                   std::uint32_t payload_bytes = 0) {
  const std::uint16_t id = window.next_id();
  window.push(state, payload_bytes);
  return id;
}

void send_bytes(InFlightWindow& window, std::uint32_t payload_bytes) {
  send(window, InFlightState::awaiting_puback, payload_bytes);
}

TEST(InFlightWindow, GivesIdentifiersInOrder) {
  InFlightWindow window = window_of(10);
  EXPECT_EQ(send(window), 1);
  EXPECT_EQ(send(window, InFlightState::awaiting_pubrec), 2);
  ASSERT_TRUE(window.find(2));
  EXPECT_EQ(window[*window.find(2)], InFlightState::awaiting_pubrec);
  EXPECT_FALSE(window.find(0));
  EXPECT_FALSE(window.find(3));
  window.acknowledge(*window.find(1));
  EXPECT_FALSE(window.find(1));
  EXPECT_EQ(send(window), 3);
  EXPECT_EQ(window.size(), 2U);
}

// v5 [MQTT-3.3.4-9]
TEST(InFlightWindow, HasRoomForReceiveMaximumAndNoMore) {
  InFlightWindow window = window_of(2);
  send(window);
  EXPECT_TRUE(window.has_room());
  send(window);
  EXPECT_FALSE(window.has_room());
  window.acknowledge(*window.find(2));
  EXPECT_TRUE(window.has_room());
}

TEST(InFlightWindow, AnAcknowledgementThatNeverComesBlocksInTheEnd) {
  InFlightWindow window = window_of(4);
  EXPECT_EQ(send(window), 1);
  int sent = 1;
  while (window.has_room()) {
    window.acknowledge(*window.find(send(window)));
    ++sent;
  }
  EXPECT_EQ(sent, 16);
  EXPECT_EQ(window.size(), 1U);
  window.acknowledge(*window.find(1));
  EXPECT_EQ(window.size(), 0U);
  EXPECT_TRUE(window.has_room());
}

// v5 [MQTT-2.2.1-3], v3.1.1 [MQTT-2.3.1-1]: never 0.
TEST(InFlightWindow, GoesRoundAfter65535) {
  InFlightWindow window = window_of(3);
  std::uint16_t id = 0;
  for (int i = 0; i < 65'534; ++i) {
    id = send(window);
    window.acknowledge(*window.find(id));
  }
  EXPECT_EQ(id, 65'534);
  EXPECT_EQ(send(window), 65'535);
  EXPECT_EQ(send(window), 1);
  EXPECT_EQ(send(window), 2);
  EXPECT_FALSE(window.has_room());
  EXPECT_TRUE(window.find(65'535));
  window.acknowledge(*window.find(1));
  EXPECT_TRUE(window.find(65'535));
  EXPECT_TRUE(window.find(2));
  window.acknowledge(*window.find(65'535));
  EXPECT_FALSE(window.find(65'535));
  EXPECT_TRUE(window.find(2));
  EXPECT_EQ(send(window), 3);
}

TEST(InFlightWindow, TheWidestWindowUsesEachIdentifierOnce) {
  InFlightWindow window = window_of(65'535);
  for (int i = 0; i < 65'535; ++i) {
    ASSERT_TRUE(window.has_room());
    ASSERT_FALSE(window.find(window.next_id()));
    send(window);
  }
  EXPECT_FALSE(window.has_room());
}

// v5 and v3.1.1 4.4: a new connection.
TEST(InFlightWindow, SendsAgainInOrderBeforeAnythingNew) {
  InFlightWindow window = window_of(3);
  for (int i = 0; i < 3; ++i) send(window);
  window.acknowledge(*window.find(2));
  window.begin_again(3);
  EXPECT_FALSE(window.has_room());
  EXPECT_EQ(window.next_again(), 0U);
  window.sent_again();
  EXPECT_EQ(window.next_again(), 2U);
  window.sent_again();
  EXPECT_EQ(window.next_again(), std::nullopt);
  EXPECT_TRUE(window.all_sent_again());
  EXPECT_EQ(send(window), 4);
  EXPECT_FALSE(window.has_room());
}

TEST(InFlightWindow, SendsAgainNoMoreThanTheNewReceiveMaximum) {
  InFlightWindow window = window_of(4);
  for (int i = 0; i < 4; ++i) send(window);
  window.begin_again(2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(window.next_again());
    window.sent_again();
  }
  EXPECT_FALSE(window.next_again());
  EXPECT_FALSE(window.all_sent_again());
  window.acknowledge(*window.find(4));  // not sent on this connection: gives no room
  EXPECT_FALSE(window.next_again());
  window.acknowledge(*window.find(1));
  EXPECT_EQ(window.id_at(*window.next_again()), 3);
  window.sent_again();
  EXPECT_FALSE(window.has_room());
  window.acknowledge(*window.find(2));
  window.acknowledge(*window.find(3));
  EXPECT_FALSE(window.next_again());
  EXPECT_TRUE(window.has_room());
  EXPECT_EQ(send(window), 5);
}

TEST(InFlightWindow, HasRoomUntilItsBytesAreUnderWay) {
  InFlightWindow window;
  window.bound_bytes(100);
  window.begin_again(10);
  send_bytes(window, 60);
  EXPECT_TRUE(window.has_room());
  send_bytes(window, 0);
  send_bytes(window, 40);
  EXPECT_FALSE(window.has_room());
  window.acknowledge(*window.find(2));
  EXPECT_FALSE(window.has_room());
  window.acknowledge(*window.find(1));
  EXPECT_TRUE(window.has_room());
  send_bytes(window, 1'000'000);
  EXPECT_FALSE(window.has_room());
  window.acknowledge(*window.find(4));
  window.acknowledge(*window.find(3));
  EXPECT_TRUE(window.has_room());
  EXPECT_EQ(window.span(), 0U);
}

TEST(InFlightWindow, SendsAgainNoMoreBytesThanMayBeUnderWay) {
  InFlightWindow window;
  window.bound_bytes(100);
  window.begin_again(10);
  for (int i = 0; i < 4; ++i) send_bytes(window, i == 3 ? 10 : 30);
  window.begin_again(10);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(window.next_again());
    window.sent_again();
  }
  EXPECT_FALSE(window.has_room());
  window.begin_again(10);
  window.acknowledge(*window.find(4));  // not sent on this connection
  window.sent_again();
  window.acknowledge(*window.find(1));
  window.sent_again();
  EXPECT_TRUE(window.next_again());
  window.acknowledge(*window.find(2));
  window.sent_again();
  EXPECT_FALSE(window.next_again());
  EXPECT_TRUE(window.has_room());
  send_bytes(window, 70);
  EXPECT_FALSE(window.has_room());
  window.begin_again(10);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(window.next_again());
    window.sent_again();
  }
  EXPECT_TRUE(window.all_sent_again());
  EXPECT_FALSE(window.has_room());
}

}  // namespace
}  // namespace mqttzoo::core
