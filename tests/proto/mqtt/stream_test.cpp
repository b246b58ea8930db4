#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/proto/mqtt/any_packet.hpp"
#include "tests/proto/mqtt/wire.hpp"

/// How the stream is cut on its way does not change what arrives, and a cut packet is never taken for a whole one.
namespace mqttzoo::mqtt {
namespace {

using test::packet;

/// What a receiver does: split, decode, keep the tail. The decoded packets are kept in their encoded form.
class Receiver {
 public:
  explicit Receiver(ProtocolVersion version) : version_(version) {}

  void receive(std::string_view bytes) {
    tail_ += bytes;
    // Memory of exactly the size of what has arrived: reading ahead would be seen by the address sanitizer.
    const std::vector<char> exact(tail_.begin(), tail_.end());
    std::string_view rest(exact.data(), exact.size());
    for (;;) {
      const Split split = split_frame(rest, packet_bytes_max);
      if (split.status != SplitStatus::complete) break;
      const auto any = test::decode_any(split.frame, version_, Side::server);
      ASSERT_TRUE(any) << any.error().detail;
      ByteBuffer again;
      test::encode_any(again, *any, version_);
      packets.push_back(test::hex(again.view()));
      rest.remove_prefix(split.frame.total_size);
    }
    tail_ = rest;
  }
  bool has_tail() const { return !tail_.empty(); }

  std::vector<std::string> packets;

 private:
  ProtocolVersion version_;
  std::string tail_;
};

/// All packet types, in the form that `encode` writes.
std::vector<std::string> packets_of_v5() {
  return {packet(0x10, "(MQTT) 05 00 0000 00 (c)"),
          packet(0x10, "(MQTT) 05 EE 003C {11 0000000A 26 (k)(v)} (c) {18 00000001} (w/t) (gone) (user) (secret)"),
          packet(0x20, "01 00 {12 (id) 22 000A}"),
          packet(0xF0, "18 {15 (SCRAM) 16 0002 00FF}"),
          packet(0xF0, ""),
          packet(0x82, "0001 {0B C102} (a/#) 01 (b/+) 2A"),
          packet(0x90, "0001 00 01 87"),
          packet(0x30, "(t) 00"),
          packet(0x3D, "(t/u) 0002 {02 0000003C 03 (text)} 'payload'"),
          packet(0x34, "() 0003 {23 0001} '" + std::string(200, 'x') + "'"),
          packet(0x40, "0002"),
          packet(0x50, "0003 10"),
          packet(0x62, "0003"),
          packet(0x70, "0003 92 {1F (no)}"),
          packet(0xA2, "0004 00 (a/#)"),
          packet(0xB0, "0004 00 00"),
          packet(0xC0, ""),
          packet(0xD0, ""),
          packet(0xE0, ""),
          packet(0xE0, "8B"),
          packet(0xE0, "8B {1F (bye)}")};
}

std::vector<std::string> packets_of_v3() {
  return {packet(0x10, "(MQTT) 04 EE 003C (c) (w/t) (gone) (user) (secret)"),
          packet(0x20, "01 00"),
          packet(0x82, "0001 (a/#) 01 (b/+) 02"),
          packet(0x90, "0001 01 80"),
          packet(0x30, "(t)"),
          packet(0x3D, "(t/u) 0002 'payload'"),
          packet(0x34, "(v) 0003 '" + std::string(200, 'x') + "'"),
          packet(0x40, "0002"),
          packet(0x50, "0003"),
          packet(0x62, "0003"),
          packet(0x70, "0003"),
          packet(0xA2, "0004 (a/#)"),
          packet(0xB0, "0004"),
          packet(0xC0, ""),
          packet(0xD0, ""),
          packet(0xE0, "")};
}

struct Stream : testing::TestWithParam<ProtocolVersion> {
  Stream() {
    for (const std::string& one : GetParam() == ProtocolVersion::v5 ? packets_of_v5() : packets_of_v3()) {
      bytes += one;
      expected.push_back(test::hex(one));
    }
  }
  std::string bytes;
  std::vector<std::string> expected;
};

TEST_P(Stream, ArrivesWholeInOnePiece) {
  Receiver receiver(GetParam());
  receiver.receive(bytes);
  EXPECT_EQ(receiver.packets, expected);
  EXPECT_FALSE(receiver.has_tail());
}

TEST_P(Stream, ArrivesWholeByteByByte) {
  Receiver receiver(GetParam());
  for (const char byte : bytes) receiver.receive({&byte, 1});
  EXPECT_EQ(receiver.packets, expected);
  EXPECT_FALSE(receiver.has_tail());
}

TEST_P(Stream, ArrivesWholeForEveryPositionOfOneCut) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Receiver receiver(GetParam());
    receiver.receive(std::string_view(bytes).substr(0, cut));
    receiver.receive(std::string_view(bytes).substr(cut));
    ASSERT_EQ(receiver.packets, expected) << cut;
  }
}

TEST_P(Stream, ArrivesWholeInPiecesOfEverySize) {
  for (std::size_t size = 2; size < bytes.size(); ++size) {
    Receiver receiver(GetParam());
    for (std::size_t begin = 0; begin < bytes.size(); begin += size) {
      receiver.receive(std::string_view(bytes).substr(begin, size));
    }
    ASSERT_EQ(receiver.packets, expected) << size;
  }
}

TEST_P(Stream, NoPrefixOfAPacketIsAPacket) {
  for (const std::string& one : GetParam() == ProtocolVersion::v5 ? packets_of_v5() : packets_of_v3()) {
    for (std::size_t size = 0; size < one.size(); ++size) {
      ASSERT_EQ(split_frame(std::string_view(one).substr(0, size), packet_bytes_max).status, SplitStatus::incomplete);
    }
  }
}

/// A body that ends too early is refused or, where a field is optional, means a shorter packet; nothing is read beyond.
TEST_P(Stream, CutBodiesAreNeverReadBeyondTheirEnd) {
  for (const std::string& one : GetParam() == ProtocolVersion::v5 ? packets_of_v5() : packets_of_v3()) {
    const Frame whole = test::frame_of(std::string_view(one));
    for (std::size_t size = 0; size < whole.body.size(); ++size) {
      const std::vector<char> exact(whole.body.begin(), whole.body.begin() + static_cast<std::ptrdiff_t>(size));
      Frame cut = whole;
      cut.body = {exact.data(), exact.size()};
      const auto any = test::decode_any(cut, GetParam(), Side::server);
      if (!any) continue;
      ByteBuffer again;
      test::encode_any(again, *any, GetParam());
      EXPECT_LE(again.size(), one.size());
    }
  }
}

/// Encoding writes what it announces, and not one byte behind it.
TEST_P(Stream, EncodingKeepsToItsPlace) {
  for (const std::string& one : GetParam() == ProtocolVersion::v5 ? packets_of_v5() : packets_of_v3()) {
    const auto any = test::decode_any(test::frame_of(std::string_view(one)), GetParam(), Side::server);
    ASSERT_TRUE(any);
    ByteBuffer out;
    const std::string untouched(1'000, '#');
    out.append(untouched);
    out.truncate(0);
    test::encode_any(out, *any, GetParam());
    ASSERT_EQ(out.size(), test::any_encoded_size(*any, GetParam()));
    const std::string_view behind(out.data() + out.size(), untouched.size() - out.size());
    EXPECT_EQ(behind, std::string_view(untouched).substr(out.size())) << test::hex(one);
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, Stream, testing::Values(ProtocolVersion::v3_1_1, ProtocolVersion::v5));

}  // namespace
}  // namespace mqttzoo::mqtt
