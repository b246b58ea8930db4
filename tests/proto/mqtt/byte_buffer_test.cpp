#include "proto/mqtt/byte_buffer.hpp"

#include <gmock/gmock.h>

#include <string>

namespace mqttzoo::mqtt {
namespace {

TEST(ByteBuffer, OwnsNothingUntilTheFirstAppend) {
  ByteBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_EQ(buffer.view(), "");
  buffer.append("");
  EXPECT_EQ(buffer.capacity(), 0U);
}

TEST(ByteBuffer, KeepsWhatIsAppendedWhileItGrows) {
  ByteBuffer buffer;
  std::string expected;
  for (int i = 0; i < 5'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    buffer.append(piece);
    expected += piece;
  }
  buffer.append('!');
  EXPECT_EQ(buffer.view(), expected + "!");
}

TEST(ByteBuffer, PartialSendsConsumeFromTheFront) {
  ByteBuffer buffer;
  buffer.append("abcdef");
  buffer.consume(2);
  EXPECT_EQ(buffer.view(), "cdef");
  buffer.append("gh");
  EXPECT_EQ(buffer.view(), "cdefgh");
  buffer.consume(6);
  EXPECT_TRUE(buffer.empty());
}

TEST(ByteBuffer, ASlowReaderDoesNotMakeItGrowForever) {
  ByteBuffer buffer;
  std::string sent;
  std::string received;
  for (int i = 0; i < 10'000; ++i) {
    const std::string piece = "message " + std::to_string(i);
    buffer.append(piece);
    sent += piece;
    if (i < 20) continue;  // stay some messages behind
    received += buffer.view().substr(0, piece.size());
    buffer.consume(piece.size());
  }
  EXPECT_LE(buffer.capacity(), 2'048U);
  EXPECT_EQ(received + std::string(buffer.view()), sent);
}

TEST(ByteBuffer, ConsumingEverythingReusesTheMemory) {
  ByteBuffer buffer;
  for (int i = 0; i < 1'000; ++i) {
    buffer.append("0123456789");
    buffer.consume(10);
  }
  EXPECT_EQ(buffer.capacity(), 512U);
}

TEST(ByteBuffer, ReleaseGivesTheMemoryBackAndItCanBeUsedAgain) {
  ByteBuffer buffer;
  buffer.append("abc");
  buffer.release();
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_TRUE(buffer.empty());
  buffer.append("d");
  EXPECT_EQ(buffer.view(), "d");
}

TEST(ByteBuffer, ReserveMakesRoomAtOnce) {
  ByteBuffer buffer;
  buffer.append("ab");
  buffer.reserve(10'000);
  const char* const place = buffer.data();
  buffer.append(std::string(10'000, 'x'));
  EXPECT_EQ(buffer.data(), place);
  EXPECT_EQ(buffer.size(), 10'002U);
}

TEST(ByteBuffer, TruncateTakesBackWhatWasAppended) {
  ByteBuffer buffer;
  buffer.append("abcdef");
  buffer.consume(1);
  buffer.truncate(2);
  EXPECT_EQ(buffer.view(), "bc");
}

TEST(ByteBuffer, MovesLeaveAnEmptyBuffer) {
  ByteBuffer from;
  from.append("abc");
  ByteBuffer to(std::move(from));
  EXPECT_EQ(to.view(), "abc");
  EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move): that is the promise
  ByteBuffer other;
  other.append("x");
  other = std::move(to);
  EXPECT_EQ(other.view(), "abc");
  EXPECT_EQ(to.capacity(), 0U);  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace mqttzoo::mqtt
