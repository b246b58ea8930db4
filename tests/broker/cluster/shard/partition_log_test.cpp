#include "broker/cluster/partitions/partition_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cluster/homes/client_image.hpp"
#include "broker/cluster/partitions/partition_replica.hpp"

namespace mqttzoo::cluster {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const Incarnation primary{"a", 1};
const Incarnation successor{"b", 1};

/// What the log of a partition has of this client: connected from there.
std::string connected(const std::string& client_id, const std::string& from) {
  Claim claim;
  claim.epoch = {1, {from, 1}, 0, 1};
  return record_of(client_id, {claim}, nullptr, 0).SerializeAsString();
}
std::string gone(const std::string& client_id) { return record_of(client_id, {}, nullptr, 0).SerializeAsString(); }

/// As PartitionLogs writes it.
proto::Replicate frame_of(const PartitionLog::Batch& batch) {
  proto::Replicate frame;
  frame.set_first(batch.first);
  frame.set_committed(batch.committed);
  frame.set_restarts(batch.restarts);
  frame.set_begins_snapshot(batch.begins_snapshot);
  for (const std::string* const record : batch.records) frame.add_records(*record);
  return frame;
}

/// Sends what there is, and the answers back.
void exchange(PartitionLog& log, PeerSlot slot, PartitionReplica& replica,
              const std::map<std::string, std::string>& clients = {}) {
  while (log.has_unsent_for(slot)) {
    proto::Replicate frame = frame_of(log.take_batch(slot, 1000));
    if (PartitionLog::Snapshot* const snapshot = log.snapshot_for(slot)) {
      for (const auto& [client_id, record] : clients) frame.add_images(record);
      snapshot->begun = snapshot->ended = true;
      frame.set_ends_snapshot(true);
    }
    ASSERT_TRUE(replica.take(frame));
    log.answered(slot, replica.end(), replica.complete());
  }
}

TEST(PartitionLog, ACopyThatAViewLeftOutBeginsAnew) {
  PartitionLog log;
  log.act({{1, false}});
  PartitionReplica replica(primary);
  exchange(log, 1, replica);
  ASSERT_FALSE(log.is_learning(1));
  log.suspend({});  // a view that nobody acts in
  log.append(connected("new", "x"));
  EXPECT_EQ(log.committed(), 0U);
  log.suspend({1});
  log.act({{1, false}});
  EXPECT_TRUE(log.is_learning(1));
  PartitionReplica fresh(primary);
  exchange(log, 1, fresh);
  EXPECT_EQ(log.committed(), 1U);
}

TEST(PartitionLog, WithoutCopiesEverythingIsCommittedAtOnce) {
  PartitionLog log;
  log.act({});
  EXPECT_EQ(log.append("x"), 1U);
  EXPECT_EQ(log.committed(), 1U);
  EXPECT_EQ(log.bytes(), 0U);
}

TEST(PartitionLog, IsCommittedWhenAllCopiesHaveIt) {
  PartitionLog log;
  log.act({{1, true}, {2, true}});
  log.append("one");
  log.append("two");
  for (const PeerSlot slot : {1, 2}) EXPECT_THAT(log.take_batch(slot, 1000).records, SizeIs(2));
  log.answered(1, 2, true);
  EXPECT_EQ(log.committed(), 0U);
  log.answered(2, 1, true);
  EXPECT_EQ(log.committed(), 1U);
  EXPECT_EQ(log.bytes(), 3U);
  log.answered(2, 2, true);
  EXPECT_EQ(log.committed(), 2U);
}

TEST(PartitionLog, AnAnswerBeyondWhatWasSentIsNobodys) {
  PartitionLog log;
  log.act({{1, true}});
  log.append("one");
  log.answered(1, 1, true);
  EXPECT_EQ(log.committed(), 0U);
}

TEST(PartitionLog, SendsAgainWhatWasNotAnswered) {
  PartitionLog log;
  log.act({{1, true}});
  for (const char* const record : {"one", "two", "three"}) log.append(record);
  log.take_batch(1, 1000);
  log.answered(1, 1, true);
  EXPECT_FALSE(log.has_unsent_for(1));
  log.rewind(1);
  const auto again = log.take_batch(1, 1000);
  EXPECT_EQ(again.first, 2U);
  EXPECT_TRUE(again.restarts);
  EXPECT_FALSE(again.begins_snapshot);
  EXPECT_THAT(again.records, SizeIs(2));
}

TEST(PartitionLog, ACopyThatIsGoneIsNotWaitedFor) {
  PartitionLog log;
  log.act({{1, true}});
  log.append("one");
  EXPECT_EQ(log.committed(), 0U);
  log.act({});
  EXPECT_EQ(log.committed(), 1U);
}

TEST(PartitionLog, ALearnerIsWaitedForFromItsFirstMoment) {
  PartitionLog log;
  log.act({});
  log.append(connected("old", "x"));
  log.act({{1, false}});
  log.append(connected("new", "x"));
  EXPECT_EQ(log.committed(), 1U);
  PartitionReplica replica(primary);
  exchange(log, 1, replica, {{"old", connected("old", "x")}});
  EXPECT_EQ(log.committed(), 2U);
  EXPECT_TRUE(replica.complete());
  EXPECT_FALSE(log.is_learning(1));
  EXPECT_THAT(std::move(replica).inherit().state.clients, SizeIs(2));
}

TEST(PartitionLog, ASnapshotThatWasCutShortBeginsAnew) {
  PartitionLog log;
  log.act({{1, false}});
  PartitionReplica replica(primary);
  proto::Replicate frame = frame_of(log.take_batch(1, 1000));
  frame.add_images(connected("stale", "x"));
  ASSERT_TRUE(replica.take(frame));
  log.rewind(1);
  exchange(log, 1, replica, {{"fresh", connected("fresh", "x")}});
  const auto heritage = std::move(replica).inherit();
  EXPECT_THAT(heritage.state.clients, testing::UnorderedElementsAre(testing::Key("fresh")));
}

// ---------------------------------------------------------------- at the copy

class Replica : public testing::Test {
 protected:
  Replica() {
    log.act({{1, false}});
    exchange(log, 1, replica);
  }
  PartitionLog log;
  PartitionReplica replica{primary};
};

TEST_F(Replica, RefusesARecordWithoutTheOneBefore) {
  log.append(connected("1", "x"));
  log.append(connected("2", "x"));
  proto::Replicate frame = frame_of(log.take_batch(1, 1000));
  frame.set_first(2);
  frame.mutable_records()->DeleteSubrange(0, 1);
  EXPECT_FALSE(replica.take(frame));
}

TEST_F(Replica, RefusesWhatDoesNotBeginWithASnapshot) {
  PartitionReplica fresh(primary);
  log.append(connected("1", "x"));
  EXPECT_FALSE(fresh.take(frame_of(log.take_batch(1, 1000))));
}

TEST_F(Replica, TakesARepetitionOnce) {
  log.append(connected("1", "x"));
  const proto::Replicate frame = frame_of(log.take_batch(1, 1000));
  EXPECT_TRUE(replica.take(frame));
  EXPECT_TRUE(replica.take(frame));
  EXPECT_EQ(replica.end(), 1U);
}

TEST_F(Replica, ANewPrimaryBeginsWithAllThatItHas) {
  log.append(connected("1", "x"));
  log.append(connected("2", "x"));
  log.append(gone("1"));
  exchange(log, 1, replica);
  const auto heritage = std::move(replica).inherit();
  EXPECT_EQ(heritage.base + heritage.records.size(), 3U);
  EXPECT_THAT(heritage.state.clients, testing::UnorderedElementsAre(testing::Key("2")));
}

// What the former primary sent to one copy alone never was, where another one became the primary.
TEST_F(Replica, WhatANewPrimaryDoesNotHaveIsReplaced) {
  log.append(connected("both", "x"));
  log.append(connected("one", "x"));
  ASSERT_TRUE(replica.take(frame_of(log.take_batch(1, 1000))));
  EXPECT_EQ(replica.end(), 2U);

  PartitionLog next(0, {connected("both", "x")});
  next.act({{1, true}});
  next.append(connected("other", "x"));
  replica.follow(successor);
  exchange(next, 1, replica);
  EXPECT_EQ(replica.end(), 2U);
  EXPECT_EQ(next.committed(), 2U);
  EXPECT_THAT(std::move(replica).inherit().state.clients,
              testing::UnorderedElementsAre(testing::Key("both"), testing::Key("other")));
}

TEST_F(Replica, AFormerPrimaryHasAllThatItsSuccessorHas) {
  PartitionState state;
  state.clients["1"].image = connected("1", "x");
  PartitionReplica former(successor, 5, std::move(state));
  PartitionLog next(3, {connected("2", "x"), connected("3", "x")});
  next.act({{1, true}});
  exchange(next, 1, former);
  EXPECT_EQ(next.committed(), 5U);
  EXPECT_EQ(former.end(), 5U);
  EXPECT_THAT(std::move(former).inherit().state.clients, testing::ElementsAre(testing::Key("1")));
}

TEST_F(Replica, WhatIsNoRecordEndsTheLink) {
  log.append("not a record");
  const PartitionLog::Batch batch = log.take_batch(1, 1000);
  proto::Replicate frame = frame_of(batch);
  frame.set_committed(1);
  EXPECT_FALSE(replica.take(frame));
  EXPECT_THAT(log.copies(), SizeIs(1));
  EXPECT_THAT(PartitionLog().copies(), IsEmpty());
}

}  // namespace
}  // namespace mqttzoo::cluster
