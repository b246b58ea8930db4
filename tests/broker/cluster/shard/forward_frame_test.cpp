#include <gmock/gmock.h>

#include "broker/cluster/links/forward_batch.hpp"
#include "broker/cluster/links/forward_reader.hpp"
#include "broker/cluster/links/frames.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {
namespace {

using mqtt::QoS;

core::MessageView message(std::string_view topic, std::string_view payload, QoS qos) {
  core::MessageView view;
  view.topic = topic;
  view.payload = payload;
  view.qos = qos;
  return view;
}

std::string frame_of(ForwardBatch& batch, std::uint64_t finished_below = 0) {
  mqtt::ByteBuffer out;
  batch.close(out, finished_below);
  EXPECT_EQ(read_frame_length(out.data()), out.size() - frame_length_bytes);
  return std::string(out.view().substr(frame_length_bytes));
}

std::string frame_of(const proto::Forward& forward) {
  proto::DataFrame frame;
  *frame.mutable_forward() = forward;
  return frame.SerializeAsString();
}

proto::Forward one_message(const std::function<void(proto::ForwardedMessage&)>& change) {
  proto::Forward forward;
  forward.set_view_number(7);
  proto::ForwardedMessage& one = *forward.add_messages();
  one.set_number(1);
  one.set_qos(1);
  one.set_topic("t");
  change(one);
  return forward;
}

TEST(ForwardBatch, WritesWhatTheGeneratedCodeReads) {
  core::MessageView full = message("a/b", std::string_view("\0\xFFpayload", 9), QoS::exactly_once);
  const std::string long_properties(300, 'p');
  full.properties = long_properties;
  full.retain = true;
  full.expires_at = 1'700'000'000'123;
  ForwardBatch batch;
  batch.add(9, full, {4711, -5, "$share/group/a/+", 3});
  batch.add(9, message("c", "", QoS::at_most_once), {});
  EXPECT_EQ(batch.messages(), 2u);

  proto::DataFrame frame;
  ASSERT_TRUE(frame.ParseFromString(frame_of(batch, 4700)));
  EXPECT_TRUE(batch.empty());
  const proto::Forward& forward = frame.forward();
  EXPECT_EQ(forward.view_number(), 9u);
  EXPECT_EQ(forward.finished_below(), 4700u);
  ASSERT_EQ(forward.messages_size(), 2);
  const proto::ForwardedMessage& first = forward.messages(0);
  EXPECT_EQ(first.number(), 4711u);
  EXPECT_EQ(first.qos(), 2u);
  EXPECT_TRUE(first.retain());
  EXPECT_EQ(first.topic(), "a/b");
  EXPECT_EQ(first.payload(), full.payload);
  EXPECT_EQ(first.properties(), long_properties);
  EXPECT_EQ(first.expires_at_ms(), 1'700'000'000'123);
  EXPECT_EQ(first.retained_version(), -5);
  EXPECT_EQ(first.share(), "$share/group/a/+");
  EXPECT_EQ(first.attempt(), 3u);
  EXPECT_EQ(forward.messages(1).SerializeAsString(), [] {
    proto::ForwardedMessage bare;
    bare.set_topic("c");
    return bare.SerializeAsString();
  }());
}

TEST(ForwardReader, ReadsWhatTheGeneratedCodeWrites) {
  proto::Forward forward = one_message([](proto::ForwardedMessage& one) {
    one.set_payload(std::string(70'000, 'x'));
    one.set_properties("props");
    one.set_retain(true);
    one.set_expires_at_ms(99);
    one.set_retained_version(1LL << 40);
    one.set_share("$share/group/t");
    one.set_attempt(1000);
  });
  forward.set_finished_below(3);
  forward.add_messages()->set_topic("qos 0");
  const std::string frame = frame_of(forward);
  ForwardFrame read;
  ASSERT_TRUE(is_forward(frame));
  ASSERT_TRUE(read_forward(frame, read));
  EXPECT_EQ(read.view, 7u);
  EXPECT_EQ(read.finished_below, 3u);
  ASSERT_EQ(read.messages.size(), 2u);
  EXPECT_EQ(read.messages[0].share, "$share/group/t");
  EXPECT_EQ(read.messages[0].attempt, 255u) << "more than anybody tries";
  EXPECT_EQ(read.messages[0].number, 1u);
  EXPECT_EQ(read.messages[0].retained_version, 1LL << 40);
  EXPECT_EQ(read.messages[0].view.payload.size(), 70'000u);
  EXPECT_EQ(read.messages[0].view.properties, "props");
  EXPECT_EQ(read.messages[0].view.expires_at, 99);
  EXPECT_TRUE(read.messages[0].view.retain);
  EXPECT_EQ(read.messages[0].view.qos, QoS::at_least_once);
  EXPECT_EQ(read.messages[1].view.qos, QoS::at_most_once);
  EXPECT_EQ(read.messages[1].number, 0u);
}

TEST(ForwardReader, ReusesItsMemoryWithoutLeftovers) {
  ForwardFrame read;
  ASSERT_TRUE(read_forward(frame_of(one_message([](auto& one) { one.set_payload("old"); })), read));
  const std::string frame = frame_of(one_message([](auto&) {}));
  ASSERT_TRUE(read_forward(frame, read));
  ASSERT_EQ(read.messages.size(), 1u);
  EXPECT_EQ(read.messages[0].view.payload, "");
}

TEST(ForwardReader, SkipsFieldsOfLaterVersions) {
  proto::Forward forward = one_message([](proto::ForwardedMessage& one) {
    one.GetReflection()->MutableUnknownFields(&one)->AddVarint(20, 1);
    one.GetReflection()->MutableUnknownFields(&one)->AddFixed32(21, 1);
    one.GetReflection()->MutableUnknownFields(&one)->AddFixed64(22, 1);
    one.GetReflection()->MutableUnknownFields(&one)->AddLengthDelimited(23, "new");
  });
  forward.GetReflection()->MutableUnknownFields(&forward)->AddLengthDelimited(9, "new");
  const std::string frame = frame_of(forward);
  ForwardFrame read;
  ASSERT_TRUE(read_forward(frame, read));
  EXPECT_EQ(read.messages[0].view.topic, "t");
}

TEST(ForwardReader, RefusesWhatBreaksTheRules) {
  ForwardFrame read;
  const auto refused = [&](const proto::Forward& forward) { return !read_forward(frame_of(forward), read); };
  EXPECT_FALSE(refused(one_message([](auto&) {})));
  EXPECT_TRUE(refused(one_message([](auto& one) { one.set_topic(""); })));
  EXPECT_TRUE(refused(one_message([](auto& one) { one.set_topic(std::string(65'536, 't')); })));
  EXPECT_TRUE(refused(one_message([](auto& one) { one.set_qos(3); })));
  EXPECT_TRUE(refused(one_message([](auto& one) { one.set_qos(0); }))) << "a number at QoS 0";
  EXPECT_TRUE(refused(one_message([](auto& one) { one.set_number(0); }))) << "no number at QoS 1";
  proto::Forward falling = one_message([](auto& one) { one.set_number(5); });
  *falling.add_messages() = falling.messages(0);
  EXPECT_TRUE(refused(falling)) << "a number twice";
  proto::Forward full;
  for (int i = 0; i < 65'536; ++i) full.add_messages()->set_topic("t");
  EXPECT_FALSE(refused(full));
  full.add_messages()->set_topic("t");
  EXPECT_TRUE(refused(full)) << "too many";
}

TEST(ForwardReader, NoPrefixAndNoChangedByteMakesItReadBeyondTheFrame) {
  const std::string whole = frame_of(one_message([](auto& one) {
    one.set_payload("payload");
    one.set_expires_at_ms(-1);
  }));
  ForwardFrame read;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    EXPECT_FALSE(read_forward(cut, read)) << size;
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[i] = static_cast<char>(value);
      if (!read_forward(changed, read)) continue;
      for (const ForwardFrame::Message& one : read.messages) {
        EXPECT_LE(one.view.topic.size() + one.view.payload.size() + one.view.properties.size(), changed.size());
      }
    }
  }
}

TEST(Frames, CarryTheirLengthBigEndian) {
  mqtt::ByteBuffer out;
  proto::HomeAnswer answer;
  answer.mutable_registered()->set_reason(0x8E);
  append_frame(out, answer);
  ASSERT_GT(out.size(), frame_length_bytes);
  EXPECT_EQ(out.view().substr(0, 4), std::string_view("\0\0\0\x05", 4));
  EXPECT_EQ(read_frame_length("\x01\x02\x03\xF4"), 0x010203F4u);
}

}  // namespace
}  // namespace mqttzoo::cluster
