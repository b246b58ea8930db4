#include "broker/net/frame_reader.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::net {
namespace {

using testing::ElementsAre;

std::string framed(const std::string& content) {
  std::string frame(cluster::frame_length_bytes, '\0');
  cluster::write_frame_length(frame.data(), static_cast<std::uint32_t>(content.size()));
  return frame += content;
}

struct Collected {
  std::vector<std::string> frames;
  std::size_t stop_at = ~std::size_t{0};

  bool operator()(std::string_view frame) {
    frames.emplace_back(frame);
    return frames.size() < stop_at;
  }
};

TEST(FrameReader, Any_split_of_the_stream_gives_the_same_frames) {
  const std::string stream = framed("one") + framed("") + framed(std::string(300, 'x')) + framed("end");
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (const std::size_t second : {first, std::min(first + 1, stream.size()), (first + stream.size()) / 2}) {
      FrameReader reader(1000);
      Collected collected;
      const std::string_view bytes = stream;
      for (const auto part : {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)}) {
        EXPECT_EQ(reader.feed(part, collected), FrameReader::Result::wants_more);
      }
      EXPECT_THAT(collected.frames, ElementsAre("one", "", std::string(300, 'x'), "end")) << first << ' ' << second;
    }
  }
}

TEST(FrameReader, Byte_by_byte) {
  FrameReader reader(1000);
  Collected collected;
  for (const char byte : framed("abc") + framed("") + framed("d")) {
    EXPECT_EQ(reader.feed({&byte, 1}, collected), FrameReader::Result::wants_more);
  }
  EXPECT_THAT(collected.frames, ElementsAre("abc", "", "d"));
}

TEST(FrameReader, The_longest_frame_passes_and_a_longer_one_is_known_by_its_length) {
  for (const std::size_t length_bytes : {0, 2, 3}) {
    FrameReader reader(10);
    Collected collected;
    const std::string stream = framed("0123456789") + framed("0123456789a").substr(0, 4);
    const std::string_view bytes = stream;
    EXPECT_EQ(reader.feed(bytes.substr(0, 14 + length_bytes), collected), FrameReader::Result::wants_more);
    EXPECT_EQ(reader.feed(bytes.substr(14 + length_bytes), collected), FrameReader::Result::too_long);
    EXPECT_THAT(collected.frames, ElementsAre("0123456789"));
  }
}

TEST(FrameReader, Garbage_is_too_long) {
  FrameReader reader(4096);
  Collected collected;
  EXPECT_EQ(reader.feed("GET / HTTP/1.1\r\n\r\n", collected), FrameReader::Result::too_long);
  EXPECT_THAT(collected.frames, ElementsAre());
}

TEST(FrameReader, Nothing_follows_a_frame_that_was_refused) {
  FrameReader reader(1000);
  Collected collected;
  collected.stop_at = 2;
  EXPECT_EQ(reader.feed(framed("a") + framed("b") + framed("c"), collected), FrameReader::Result::stopped);
  EXPECT_THAT(collected.frames, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace mqttzoo::net
