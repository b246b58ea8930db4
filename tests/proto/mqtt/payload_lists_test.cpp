#include "proto/mqtt/payload_lists.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::hex;
using test::wire;

// v5 3.8.3.1
TEST(SubscriptionList, OptionsHaveTheirBits) {
  SubscriptionListWriter writer;
  writer.add({.topic_filter = "a", .qos = QoS::exactly_once})
      .add({.topic_filter = "b", .no_local = true})
      .add({.topic_filter = "c", .retain_as_published = true})
      .add({.topic_filter = "d", .retain_handling = RetainHandling::do_not_send});
  EXPECT_EQ(hex(writer.list().raw()), hex(wire("(a) 02 (b) 04 (c) 08 (d) 20")));
  EXPECT_EQ(writer.list().size(), 4U);
}

TEST(SubscriptionList, ReadsBackWhatWasWritten) {
  SubscriptionListWriter writer;
  writer.add({"a/#", QoS::at_least_once, true, true, RetainHandling::send_if_new}).add({.topic_filter = "b"});
  std::vector<Subscription> seen;
  for (const Subscription& subscription : writer.list()) seen.push_back(subscription);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].topic_filter, "a/#");
  EXPECT_EQ(seen[0].qos, QoS::at_least_once);
  EXPECT_TRUE(seen[0].no_local);
  EXPECT_TRUE(seen[0].retain_as_published);
  EXPECT_EQ(seen[0].retain_handling, RetainHandling::send_if_new);
  EXPECT_EQ(seen[1].topic_filter, "b");
  EXPECT_FALSE(seen[1].no_local);
}

TEST(SubscriptionList, EmptyListsHaveNoEntries) {
  const SubscriptionList list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.begin(), list.end());
}

TEST(SubscriptionList, FiltersThatTwoBytesCannotCountAreRefused) {
  SubscriptionListWriter subscriptions;
  TopicFilterListWriter filters;
  const std::string long_filter(65'536, 'x');
  EXPECT_THROW(subscriptions.add({.topic_filter = long_filter}), std::length_error);
  EXPECT_THROW(filters.add(long_filter), std::length_error);
  EXPECT_TRUE(subscriptions.list().empty());
  EXPECT_TRUE(filters.list().empty());
}

TEST(TopicFilterList, ReadsBackWhatWasWritten) {
  TopicFilterListWriter writer;
  writer.add("a/b").add("").add("#");
  EXPECT_EQ(hex(writer.list().raw()), hex(wire("(a/b) () (#)")));
  std::vector<std::string> seen;
  for (const std::string_view filter : writer.list()) seen.emplace_back(filter);
  EXPECT_EQ(seen, (std::vector<std::string>{"a/b", "", "#"}));
  EXPECT_EQ(writer.list().size(), 3U);
}

TEST(ReasonCodeList, IsAViewOfCodes) {
  const std::vector<ReasonCode> codes = {ReasonCode::granted_qos_1, ReasonCode::not_authorized};
  const ReasonCodeList list(codes);
  EXPECT_EQ(hex(list.raw()), "01 87 ");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1], ReasonCode::not_authorized);
  EXPECT_TRUE(ReasonCodeList().empty());
}

}  // namespace
}  // namespace mqttzoo::mqtt
