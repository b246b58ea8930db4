// What a persistent session writes down, what waits for that, and how it goes on at another home.
#include <algorithm>
#include <random>

#include "tests/broker/core/persistent_session.hpp"
#include "tests/support/memory_journal.hpp"

namespace mqttzoo::test {
namespace {

using core::KeptSession;
using mqtt::ProtocolVersion;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

class SessionJournalTest : public PersistentSession {
 protected:
  explicit SessionJournalTest(const core::Limits& limits = {}) : PersistentSession(limits) {
    journal.shard = &shard.shard;
    shard.router.sessions_journal = &journal;
  }
  /// The client is there, and subscribed to everything on "a" at QoS 2.
  void subscribe(ScriptedClient& client) {
    client.connect("me", hour.resume()).subscribe("a", 2);
    journal.commits_at_once = false;
  }
  std::vector<std::string> after_commit(ScriptedClient& client) {
    journal.commit();
    shard.turn();
    return client.received();
  }
  /// Another shard goes on with what was written down.
  void move_to(ShardUnderTest& next) {
    journal.write(0);
    ASSERT_TRUE(next.shard.restore_session("me", std::move(journal.copies.at("me"))));
  }

  MemoryJournal journal;
};

TEST_F(SessionJournalTest, SendsMessagesWhenTheyAreCommitted) {
  ScriptedClient me(shard);
  subscribe(me);
  publish("1", 1);
  publish("2", 2);
  publish("0", 0);
  EXPECT_THAT(me.received(), ElementsAre("PUBLISH a 0"));
  EXPECT_THAT(after_commit(me), ElementsAre("PUBLISH a 1 qos1 #1", "PUBLISH a 2 qos2 #2"));
}

TEST_F(SessionJournalTest, AnswersWhenTheStepIsCommitted) {
  ScriptedClient me(shard);
  subscribe(me);
  publish("2", 2);
  after_commit(me);
  me.pubrec(1);
  EXPECT_THAT(me.received(), IsEmpty());
  EXPECT_THAT(after_commit(me), ElementsAre("PUBREL #1 Success"));
  me.publish("elsewhere", "x", 2, 7);
  EXPECT_THAT(me.received(), IsEmpty());
  EXPECT_THAT(after_commit(me), ElementsAre("PUBREC #7 Success"));
  me.pubrel(7);
  EXPECT_THAT(me.received(), IsEmpty());
  EXPECT_THAT(after_commit(me), ElementsAre("PUBCOMP #7 Success"));
  me.unsubscribe("a", 9);
  EXPECT_THAT(me.received(), IsEmpty());
  EXPECT_THAT(after_commit(me), ElementsAre("UNSUBACK #9 00"));
}

TEST_F(SessionJournalTest, SendsNothingAgainThatIsNotCommitted) {
  ScriptedClient me(shard);
  subscribe(me);
  publish("2", 2);
  after_commit(me);
  me.pubrec(1);
  me.lose();
  ScriptedClient again(shard);
  again.send_connect("me", hour.resume());
  EXPECT_THAT(again.received(), ElementsAre("CONNACK Success with session"));
  EXPECT_THAT(after_commit(again), ElementsAre("PUBREL #1 Success"));
}

/// What waits for the journal does not fill the queue of a client that takes everything.
TEST_F(SessionJournalTest, CountsOnlyWhatCouldBeSentAgainstTheQueue) {
  ScriptedClient me(shard);
  subscribe(me);
  for (int i = 0; i < 2000; ++i) publish("x", 1);
  EXPECT_EQ(drops(shard, core::DropReason::queue_full), 0U);
  EXPECT_EQ(after_commit(me).size(), std::min<std::size_t>(2000, core::Limits().in_flight_max));
}

/// What comes while retained messages are read has its place after them, which is a record of its own.
TEST_F(SessionJournalTest, SendsWhatCameDuringARetainedReadWhenItsPlaceIsCommitted) {
  ScriptedClient me(shard);
  subscribe(me);
  shard.router.holds_subscriptions = true;
  me.send_subscribe("b", 1);
  shard.shard.retained_read_begins(shard.router.subscriptions.back().first);
  publish("1", 1);
  journal.commit();
  shard.shard.subscription_settled(shard.router.subscriptions.back().first, {});
  shard.turn();
  EXPECT_THAT(me.received(), ElementsAre("SUBACK #1 01"));
  EXPECT_THAT(after_commit(me), ElementsAre("PUBLISH a 1 qos1 #1"));
}

TEST_F(SessionJournalTest, LeavesOutWhatNobodyKeeps) {
  journal.keeps = false;
  ScriptedClient me(shard);
  subscribe(me);
  publish("1", 1);
  EXPECT_THAT(me.received(), ElementsAre("PUBLISH a 1 qos1 #1"));
  EXPECT_EQ(journal.end, 0U);
}

// ---------------------------------------------------------------- at another home

class AnotherHome : public SessionJournalTest {
 protected:
  ShardUnderTest next;
};

TEST_F(AnotherHome, GoesOnWithTheSamePacketIdentifiers) {
  ScriptedClient me(shard);
  subscribe(me);
  for (const char* const payload : {"1", "2", "3", "4"}) publish(payload, 2);
  after_commit(me);
  me.pubrec(2);
  me.pubrec(1);
  after_commit(me);
  me.pubcomp(1);
  publish("5", 1);
  move_to(next);
  ScriptedClient again(next);
  again.send_connect("me", hour.resume());
  EXPECT_THAT(again.received(),
              ElementsAre("CONNACK Success with session", "PUBREL #2 Success", "PUBLISH a 3 qos2 #3 dup",
                          "PUBLISH a 4 qos2 #4 dup", "PUBLISH a 5 qos1 #5 dup"));
  ScriptedClient other(next);
  other.connect("other").publish("a", "6", 1, 1);
  EXPECT_THAT(again.received(), ElementsAre("PUBLISH a 6 qos1 #6"));
}

TEST_F(AnotherHome, WhatCameWhileTheClientWasAwayIsNotRepeated) {
  ScriptedClient me(shard);
  subscribe(me);
  publish("1", 1);
  after_commit(me);
  me.lose();
  publish("2", 1);
  move_to(next);
  ScriptedClient again(next);
  again.send_connect("me", hour.resume());
  EXPECT_THAT(again.received(),
              ElementsAre("CONNACK Success with session", "PUBLISH a 1 qos1 #1 dup", "PUBLISH a 2 qos1 #2"));
}

TEST_F(AnotherHome, KnowsWhatTheFirstOneOfThreeHasSent) {
  ScriptedClient me(shard);
  subscribe(me);
  publish("1", 1);
  after_commit(me);
  move_to(next);
  next.shard.leave_session("me", 3600);
  std::uint64_t from = 0;
  std::optional<KeptSession> session = next.shard.keep_session("me", from, 1u << 20);
  ASSERT_TRUE(session);
  ShardUnderTest third;
  ASSERT_TRUE(third.shard.restore_session("me", std::move(*session)));
  ScriptedClient again(third);
  again.send_connect("me", hour.resume());
  EXPECT_THAT(again.received(), ElementsAre("CONNACK Success with session", "PUBLISH a 1 qos1 #1 dup"));
}

TEST_F(AnotherHome, KnowsTheQos2PublishesOfTheClient) {
  ScriptedClient me(shard);
  subscribe(me);
  me.publish("elsewhere", "x", 2, 7);
  me.publish("elsewhere", "y", 2, 8);
  after_commit(me);
  me.pubrel(7);
  move_to(next);
  ScriptedClient again(next);
  again.send_connect("me", hour.resume());
  EXPECT_THAT(again.received(), ElementsAre("CONNACK Success with session"));
  again.pubrel(7);
  EXPECT_THAT(again.received(), ElementsAre("PUBCOMP #7 Packet Identifier not found"));
  again.publish("elsewhere", "y", 2, 8);
  EXPECT_THAT(again.received(), ElementsAre("PUBREC #8 Success"));
  EXPECT_THAT(next.router.routed, IsEmpty());
}

TEST_F(AnotherHome, EndsTheSessionWhenItsTimeIsOver) {
  ScriptedClient me(shard);
  subscribe(me);
  me.lose();
  move_to(next);
  next.advance(core::Milliseconds{3599} * 1000);
  EXPECT_EQ(next.shard.counters().persistent_sessions.get(), 1U);
  next.advance(1000);
  EXPECT_EQ(next.shard.counters().persistent_sessions.get(), 0U);
  EXPECT_THAT(next.router.interest, ElementsAre("+a", "-a"));
}

TEST_F(AnotherHome, WhoseSessionIsNotWholeIsNotToldOfIt) {
  KeptSession rest;
  rest.whole = false;
  ASSERT_TRUE(next.shard.restore_session("me", std::move(rest)));
  ScriptedClient again(next);
  again.send_connect("me", hour.resume());
  EXPECT_THAT(again.received(), ElementsAre("CONNACK Success"));
}

TEST_F(AnotherHome, GetsAllOfItAlsoInParts) {
  ScriptedClient me(shard);
  subscribe(me);
  for (int i = 0; i < 20; ++i) publish("x", 1);
  after_commit(me);
  KeptSession all;
  std::uint64_t from = 0;
  int parts = 0;
  do {
    auto part = shard.shard.keep_session("me", from, 500);
    ASSERT_TRUE(part);
    if (parts++ == 0)
      all = std::move(*part);
    else
      all.messages.merge(part->messages);
  } while (from != 0);
  EXPECT_GT(parts, 3);
  EXPECT_EQ(all.messages.size(), 20U);
  EXPECT_THAT(all.subscriptions, ElementsAre(Key("a")));
}

// ---------------------------------------------------------------- whatever happens

std::vector<std::string> text_of(const KeptSession& session) {
  std::vector<std::string> text;
  const auto add = [&](std::uint64_t number, const core::KeptMessage& message) {
    text.push_back("#" + std::to_string(number) + (message.message ? " " : " received ") +
                   (message.message ? std::string(message.message->view().payload) + " qos" +
                                          std::to_string(static_cast<int>(message.qos))
                                    : ""));
  };
  for (const auto& [number, message] : session.messages) add(number, message);
  for (const core::KeptMessage& message : session.held) add(0, message);
  for (const auto& [filter, options] : session.subscriptions)
    text.push_back(filter + " " + std::to_string(static_cast<int>(options.qos)));
  for (const std::uint16_t packet_id : session.taken) text.push_back("taken " + std::to_string(packet_id));
  text.push_back("next " + std::to_string(session.next_number));
  text.push_back("ends " + std::to_string(session.ends_at));
  return text;
}

/// A client that does anything at all, for a while.
class Restless {
 public:
  Restless(std::uint32_t seed, ShardUnderTest& shard, MemoryJournal& journal, const Properties& how)
      : random_(seed), shard_(shard), journal_(journal), how_(how), publisher_(shard) {
    publisher_.connect("publisher");
  }

  void step() {
    if (!client_) return connect();
    const auto id = static_cast<std::uint16_t>(1 + random_() % 12);
    switch (random_() % 12) {
      case 0:
        client_->lose();
        client_.reset();
        break;
      case 1:
        client_->send_subscribe(filter(), static_cast<int>(random_() % 3));
        break;
      case 2:
        client_->unsubscribe(filter());
        break;
      case 3:
        client_->publish("elsewhere", "x", 2, id);
        break;
      case 4:
        client_->pubrel(id);
        break;
      case 5:
        journal_.commit();
        shard_.turn();
        break;
      case 6:
        if (!shard_.router.unsettled.empty()) shard_.router.settle_next();
        shard_.turn();
        break;
      case 7:
      case 8:
        answer();
        break;
      default:
        publisher_.publish(filter(), std::to_string(++payload_), static_cast<int>(random_() % 3), ++publisher_id_);
        break;
    }
    if (client_ && client_->ended()) client_.reset();
  }

 private:
  void connect() {
    client_ = std::make_unique<ScriptedClient>(shard_);
    client_->send_connect("me", random_() % 8 == 0 ? how_.start() : how_.resume());
  }
  std::string filter() { return std::string(1, static_cast<char>('a' + random_() % 3)); }
  /// What it got last, as it should.
  void answer() {
    for (const std::string& packet : client_->received()) {
      const auto at = packet.find('#');
      if (at == std::string::npos || random_() % 3 == 0) continue;
      const auto id = static_cast<std::uint16_t>(std::stoi(packet.substr(at + 1)));
      if (packet.starts_with("PUBREL")) {
        client_->pubcomp(id);
      } else if (packet.find("qos1") != std::string::npos) {
        client_->puback(id);
      } else if (packet.find("qos2") != std::string::npos) {
        client_->pubrec(id);
      }
    }
  }

  std::mt19937 random_;
  ShardUnderTest& shard_;
  MemoryJournal& journal_;
  const Properties& how_;
  ScriptedClient publisher_;
  std::unique_ptr<ScriptedClient> client_;
  std::uint16_t publisher_id_ = 0;
  int payload_ = 0;
};

TEST(SessionJournalOfARestlessClient, SaysAtAnyTimeWhatTheSessionIs) {
  core::Limits limits;
  limits.queue_messages_max = 20;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    ShardUnderTest shard(limits);
    MemoryJournal journal;
    journal.shard = &shard.shard;
    journal.commits_at_once = false;
    shard.router.sessions_journal = &journal;
    shard.router.holds_subscriptions = seed % 2 == 0;
    shard.router.store("a", "old", 1);
    const Properties how(3600, 5);
    Restless client(seed, shard, journal, how);
    for (int i = 0; i < 300; ++i) {
      client.step();
      journal.write(0);
      std::uint64_t from = 0;
      const auto session = shard.shard.keep_session("me", from, 1u << 20);
      const auto copy = journal.copies.find("me");
      ASSERT_EQ(session.has_value(), copy != journal.copies.end()) << "seed " << seed << " step " << i;
      if (session) {
        ASSERT_EQ(text_of(*session), text_of(copy->second)) << "seed " << seed << " step " << i;
      }
    }
  }
}

}  // namespace
}  // namespace mqttzoo::test
