#include "broker/cluster/view/view.hpp"

#include <gmock/gmock.h>

#include "broker/cluster/view/broker_record.hpp"
#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::cluster {
namespace {

View two_members() {
  View view;
  view.number = 12;
  view.members = {{{"a", 3}, "host-a:1", 4, {"a:1883", ""}}, {{"b", 1}, "host-b:1", 1}};
  view.primaries = {0, 1, 1, 0};
  view.removed = {{{"a", 2}, 11, {0, 3}}};
  return view;
}

View partitioned(std::size_t partitions) {
  View view = two_members();
  view.primaries.assign(partitions, 0);
  return view;
}

TEST(View, FindsMembersByIncarnation) {
  const View view = two_members();
  ASSERT_NE(view.find({"b", 1}), nullptr);
  EXPECT_EQ(view.find({"b", 1})->cluster_address, "host-b:1");
  EXPECT_EQ(view.find({"a", 2}), nullptr) << "another epoch is another broker";
  EXPECT_EQ(view.find({"c", 1}), nullptr);
}

// If this fails, brokers of two versions disagree about the home of a client: the hash is fixed for ever.
TEST(View, PartitionsOfClientIdentifiersNeverChange) {
  const View view = partitioned(64);
  EXPECT_EQ(view.partition_of(""), 33);
  EXPECT_EQ(view.partition_of("a"), 32);
  EXPECT_EQ(view.partition_of("sensor-000017"), 12);
  EXPECT_EQ(view.partition_of("mqttjs_8f3a2b1c"), 61);
  EXPECT_EQ(view.partition_of("\xC3\xA4"), 56);
  EXPECT_EQ(partitioned(1000).partition_of("sensor-000017"), 196);
}

TEST(View, SpreadsSimilarClientIdentifiersEvenly) {
  const View view = partitioned(64);
  std::vector<int> counts(64);
  for (int i = 0; i < 64'000; ++i) ++counts[view.partition_of("device/" + std::to_string(i))];
  EXPECT_THAT(counts, testing::Each(testing::AllOf(testing::Gt(800), testing::Lt(1200))));
}

TEST(ViewCodec, GivesBackWhatItWasGiven) {
  const View view = two_members();
  const SharedView read = parse_view(serialize(view));
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->number, 12u);
  ASSERT_EQ(read->members.size(), 2u);
  EXPECT_EQ(read->members[0].incarnation, (Incarnation{"a", 3}));
  EXPECT_EQ(read->members[0].cluster_address, "host-a:1");
  EXPECT_EQ(read->members[0].shard_count, 4);
  EXPECT_EQ(read->members[0].client_addresses, (ClientAddresses{"a:1883", ""}));
  EXPECT_TRUE(read->members[1].client_addresses.empty());
  EXPECT_EQ(read->primaries, view.primaries);
  ASSERT_EQ(read->removed.size(), 1u);
  EXPECT_EQ(read->removed[0].incarnation, (Incarnation{"a", 2}));
  EXPECT_EQ(read->removed[0].in_view, 11u);
  EXPECT_EQ(read->removed[0].partitions, (std::vector<PartitionIndex>{0, 3}));
}

TEST(ViewCodec, RefusesViewsThatPromiseWhatTheyDoNotKeep) {
  const auto refused = [](const std::function<void(View&)>& change) {
    View view = two_members();
    change(view);
    return parse_view(serialize(view)) == nullptr;
  };
  EXPECT_FALSE(refused([](View&) {}));
  EXPECT_TRUE(refused([](View& view) { view.number = ~ViewNumber{0}; })) << "none could follow";
  EXPECT_TRUE(refused([](View& view) { view.members.clear(); }));
  EXPECT_TRUE(refused([](View& view) { std::swap(view.members[0], view.members[1]); })) << "not sorted";
  EXPECT_TRUE(refused([](View& view) { view.members[1] = view.members[0]; })) << "twice";
  EXPECT_TRUE(refused([](View& view) { view.members[0].shard_count = 0; }));
  EXPECT_TRUE(refused([](View& view) { view.primaries[2] = 2; })) << "no such member";
  EXPECT_TRUE(refused([](View& view) { view.primaries.clear(); }));
  EXPECT_TRUE(refused([](View& view) { view.removed[0].incarnation = {"a", 3}; })) << "removed and a member";
  EXPECT_TRUE(refused([](View& view) { view.removed[0].partitions = {4}; })) << "no such partition";
  EXPECT_TRUE(refused([](View& view) {
    view.members.clear();
    for (int i = 0; i < 65; ++i) view.members.push_back({{"m" + std::to_string(100 + i), 1}, "h:1", 1});
  })) << "more than links have slots";
}

TEST(ViewCodec, LeavesOutAddressesBeyondTheirBounds) {
  View view = two_members();
  view.members[0].client_addresses = {std::string(client_address_bytes_max + 1, 'x'), "a:1"};
  view.members[1].client_addresses.assign(client_addresses_max + 1, "b:1");
  const SharedView read = parse_view(serialize(view));
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->members[0].client_addresses, (ClientAddresses{"", "a:1"}));
  EXPECT_EQ(read->members[1].client_addresses.size(), client_addresses_max);
}

TEST(BrokerRecord, TellsWhereClientsReachIt) {
  BrokerRecord record;
  record.incarnation = {"a", 1};
  record.cluster_address = "a:1";
  record.client_addresses = {"a:1883", "", "a:8883"};
  const auto read = parse_broker_record("a", serialize(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, record);
  EXPECT_EQ(read->member().client_addresses, record.client_addresses);
}

TEST(ViewCodec, RefusesGarbage) {
  EXPECT_EQ(parse_view("garbage"), nullptr);
  EXPECT_EQ(parse_view(""), nullptr);
  proto::View view = to_proto(two_members());
  view.mutable_members(0)->set_shard_count(65'536);
  EXPECT_EQ(from_proto(view), nullptr);
}

}  // namespace
}  // namespace mqttzoo::cluster
