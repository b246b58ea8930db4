#include "proto/mqtt/frame_splitter.hpp"

#include <gmock/gmock.h>

#include <string>

#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::wire;

TEST(FrameSplitter, FindsOnePacketAndLeavesTheRest) {
  const std::string received = wire("C0 00  40 02 0001");
  const Split split = split_frame(received, packet_bytes_max);
  ASSERT_EQ(split.status, SplitStatus::complete);
  EXPECT_EQ(split.frame.type(), PacketType::pingreq);
  EXPECT_EQ(split.frame.total_size, 2U);
  EXPECT_EQ(split.frame.body, "");
  const Split next = split_frame(std::string_view(received).substr(2), packet_bytes_max);
  ASSERT_EQ(next.status, SplitStatus::complete);
  EXPECT_EQ(next.frame.type(), PacketType::puback);
  EXPECT_EQ(next.frame.body, wire("0001"));
}

TEST(FrameSplitter, FlagsAreTheLowerHalfOfTheFirstByte) {
  const std::string received = wire("3D 00");
  EXPECT_EQ(split_frame(received, 10).frame.flags(), 0x0D);
}

// v5 1.5.5, table 1-1
TEST(FrameSplitter, RemainingLengthAtTheBordersOfItsSize) {
  const std::pair<std::string, std::size_t> borders[] = {{"00", 0},
                                                         {"7F", 127},
                                                         {"80 01", 128},
                                                         {"FF 7F", 16'383},
                                                         {"80 80 01", 16'384},
                                                         {"FF FF 7F", 2'097'151},
                                                         {"80 80 80 01", 2'097'152},
                                                         {"FF FF FF 7F", 268'435'455}};
  for (const auto& [encoded, length] : borders) {
    const std::string header = wire("30" + encoded);
    const Split split = split_frame(header, packet_bytes_max);
    EXPECT_EQ(split.status, length == 0 ? SplitStatus::complete : SplitStatus::incomplete);
    EXPECT_EQ(split.frame.total_size, header.size() + length) << encoded;
    EXPECT_FALSE(split.frame.length_padded) << encoded;
  }
}

TEST(FrameSplitter, NeedsMoreUntilTheHeaderIsThere) {
  for (const char* const part : {"", "30", "30 80", "30 FF FF", "30 FF FF FF"}) {
    const Split split = split_frame(wire(part), packet_bytes_max);
    EXPECT_EQ(split.status, SplitStatus::incomplete) << part;
    EXPECT_EQ(split.frame.total_size, 0U) << part;
  }
}

TEST(FrameSplitter, NeedsMoreUntilTheBodyIsThere) {
  const std::string received = wire("40 02 00");
  const Split split = split_frame(received, packet_bytes_max);
  EXPECT_EQ(split.status, SplitStatus::incomplete);
  EXPECT_EQ(split.frame.total_size, 4U);
}

TEST(FrameSplitter, AFifthByteOfRemainingLengthIsMalformed) {
  EXPECT_EQ(split_frame(wire("30 FF FF FF FF"), packet_bytes_max).status, SplitStatus::malformed);
  EXPECT_EQ(split_frame(wire("30 80 80 80 80 01"), packet_bytes_max).status, SplitStatus::malformed);
}

TEST(FrameSplitter, PacketType0IsMalformedFromItsFirstByte) {
  EXPECT_EQ(split_frame(wire("00"), packet_bytes_max).status, SplitStatus::malformed);
  EXPECT_EQ(split_frame(wire("0F 00"), packet_bytes_max).status, SplitStatus::malformed);
}

TEST(FrameSplitter, PaddedLengthsAreMarked_MQTT_1_5_5_1) {
  const std::string padded = wire("C0 80 00");
  const Split split = split_frame(padded, packet_bytes_max);
  EXPECT_EQ(split.status, SplitStatus::complete);
  EXPECT_TRUE(split.frame.length_padded);
  const std::string header = wire("40 82 80 00");
  EXPECT_TRUE(split_frame(header, packet_bytes_max).frame.length_padded);
}

TEST(FrameSplitter, TheMaximumCountsTheWholePacket) {
  const std::string received = wire("40 02 0001");
  EXPECT_EQ(split_frame(received, 4).status, SplitStatus::complete);
  EXPECT_EQ(split_frame(received, 3).status, SplitStatus::too_large);
}

TEST(FrameSplitter, TooLargeIsKnownFromTheHeaderAlone) {
  EXPECT_EQ(split_frame(wire("30 FF FF FF 7F"), 1'000'000).status, SplitStatus::too_large);
  EXPECT_EQ(split_frame(wire("30 80 01"), 130).status, SplitStatus::too_large);
  EXPECT_EQ(split_frame(wire("30 80 01"), 131).status, SplitStatus::incomplete);
}

}  // namespace
}  // namespace mqttzoo::mqtt
