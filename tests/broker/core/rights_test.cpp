#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_access.hpp"
#include "tests/support/scripted_client.hpp"

// Where the rights of a client are asked for: publish, subscribe, delivery, retained messages, wills, queues.
namespace mqttzoo::test {
namespace {

using core::DropReason;
using core::EndCause;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

/// ann may write "w" and read "r"; bob neither; everybody else everything.
struct Rig {
  Rig() {
    authenticator.at_once = ReasonCode::success;
    authorizer.users["ann"] = {{"w"}, {"r", "also"}};
    authorizer.users["bob"] = {};
  }

  ScriptedAuthenticator authenticator;
  ScriptedAuthorizer authorizer;
  ShardUnderTest shard{authenticator, authorizer};

  std::uint64_t dropped(DropReason reason) const {
    return shard.shard.counters().drops[static_cast<std::size_t>(reason)].get();
  }
};

TEST(Rights, ADeniedPublishIsToldAsTheVersionCan) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    Rig rig;
    ScriptedClient ann(rig.shard, version);
    ann.connect("me", {.user_name = "ann"});
    const std::string told = version == ProtocolVersion::v5 ? "Not authorized" : "Success";
    ann.publish("r", "x", 0);
    EXPECT_THAT(ann.received(), IsEmpty());
    ann.publish("r", "x", 1, 1);
    EXPECT_THAT(ann.received(), ElementsAre("PUBACK #1 " + told));
    ann.publish("r", "x", 2, 2);
    EXPECT_THAT(ann.received(), ElementsAre("PUBREC #2 " + told));
    EXPECT_THAT(rig.shard.router.routed, IsEmpty());
    EXPECT_EQ(rig.dropped(DropReason::not_authorized), 3U);
    ann.publish("w", "x", 1, 3);
    EXPECT_THAT(ann.received(), ElementsAre("PUBACK #3 Success"));
    EXPECT_EQ(rig.shard.router.routed.size(), 1U);
  }
}

constexpr auto resume = [](const mqtt::PropertyWriter& properties) {
  return ConnectOptions{.clean_start = false, .properties = properties.view(), .user_name = "ann"};
};

// v5 4.3.3: an error frees the Packet Identifier, so the session must not take the next message for a repetition.
TEST(Rights, ADeniedRepetitionOfWhatWasTakenIsAcknowledgedAndFreesItsIdentifier) {
  Rig rig;
  mqtt::PropertyWriter hour;
  hour.add_number(mqtt::PropertyId::session_expiry_interval, 3600);
  ScriptedClient first(rig.shard);
  first.connect("me", resume(hour));
  first.publish("w", "one", 2, 5);
  first.publish("w", "two", 2, 6);
  first.lose();
  rig.authorizer.users["ann"].write = {"other"};
  ScriptedClient second(rig.shard);
  second.send_connect("me", resume(hour));
  second.received();
  second.publish("w", "one", 2, 5);  // again
  second.publish("w", "three", 2, 7);
  EXPECT_THAT(second.received(), ElementsAre("PUBREC #5 Success", "PUBREC #7 Not authorized"));
  second.pubrel(5);
  EXPECT_THAT(second.received(), ElementsAre("PUBCOMP #5 Packet Identifier not found"));
  for (const std::uint16_t packet_id : {5, 7}) second.publish("other", "four", 2, packet_id);
  EXPECT_THAT(second.received(), ElementsAre("PUBREC #5 Success", "PUBREC #7 Success"));
  EXPECT_EQ(rig.shard.router.routed.size(), 4U);
}

TEST(Rights, ADeniedTopicAliasKeepsItsTopic) {
  Rig rig;
  ScriptedClient ann(rig.shard);
  ann.connect("me", {.user_name = "ann"});
  mqtt::PropertyWriter alias;
  alias.add_number(mqtt::PropertyId::topic_alias, 1);
  ann.publish("r", "x", 1, 1, false, alias.view());
  ann.publish("", "x", 1, 2, false, alias.view());
  EXPECT_THAT(ann.received(), ElementsAre("PUBACK #1 Not authorized", "PUBACK #2 Not authorized"));
}

TEST(Rights, ASubscriptionThatGivesNothingIsRefused) {
  Rig rig;
  ScriptedClient ann(rig.shard);
  ann.connect("me", {.user_name = "ann"});
  ann.send_subscribe("w", 1);
  EXPECT_THAT(ann.received(), ElementsAre("SUBACK #1 87"));
  ann.send_subscribe("r", 1);
  EXPECT_THAT(ann.received(), ElementsAre("SUBACK #1 01"));
  ScriptedClient three(rig.shard, ProtocolVersion::v3_1_1);
  three.connect("three", {.user_name = "ann"});
  three.send_subscribe("w", 1);
  EXPECT_THAT(three.received(), ElementsAre("SUBACK #1 80"));
}

TEST(Rights, AMessageGoesToThoseWhoMayReadIt) {
  Rig rig;
  ScriptedClient ann(rig.shard), all(rig.shard);
  ann.connect("ann", {.user_name = "ann"}).subscribe("#");
  all.connect("all").subscribe("#");
  for (int round = 0; round < 3; ++round) {
    all.publish("r", "x");
    all.publish("w", "x");
  }
  EXPECT_THAT(ann.received(), ElementsAre("PUBLISH r x", "PUBLISH r x", "PUBLISH r x"));
  EXPECT_EQ(all.received().size(), 6U);
  EXPECT_EQ(rig.dropped(DropReason::may_not_receive), 3U);
}

TEST(Rights, AreAskedOncePerTopicNotOncePerMessage) {
  Rig rig;
  ScriptedClient ann(rig.shard), all(rig.shard);
  ann.connect("ann", {.user_name = "ann"}).subscribe("#");
  all.connect("all");
  rig.authorizer.questions = 0;
  for (int round = 0; round < 100; ++round) all.publish("r", "x");
  EXPECT_EQ(ann.received().size(), 100U);
  EXPECT_EQ(rig.authorizer.questions, 1U);
}

TEST(Rights, RetainedMessagesToo) {
  Rig rig;
  rig.shard.router.store("r", "kept", 1);
  rig.shard.router.store("w", "kept", 2);
  ScriptedClient ann(rig.shard);
  ann.connect("ann", {.user_name = "ann"}).send_subscribe("#", 0, 7);
  EXPECT_THAT(ann.received(), ElementsAre("SUBACK #7 00", "PUBLISH r kept retain"));
  EXPECT_EQ(rig.dropped(DropReason::may_not_receive), 1U);
}

TEST(Rights, AWillThatItMayNotPublishIsRefusedAtConnect) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    Rig rig;
    ScriptedClient ann(rig.shard, version);
    ann.send_connect("ann", {.will = mqtt::Will{.topic = "r", .payload = "x"}, .user_name = "ann"});
    EXPECT_THAT(ann.received(), ElementsAre("CONNACK Not authorized"));
    EXPECT_THAT(rig.shard.router.registrations, IsEmpty());
    ScriptedClient other(rig.shard, version);
    other.connect("ann", {.will = mqtt::Will{.topic = "w", .payload = "x"}, .user_name = "ann"});
  }
}

/// A session that waits for its client, with messages in its queue: "r" and "also" may be read by ann.
struct Queued : Rig {
  Queued() {
    ScriptedClient away(shard, ProtocolVersion::v3_1_1);
    away.connect("me", {.clean_start = false, .user_name = "ann"}).subscribe("#", 1);
    away.lose();
    ScriptedClient all(shard);
    all.connect("all");
    all.publish("r", "one", 1, 1);
    all.publish("also", "two", 1, 2);
    all.publish("w", "three", 1, 3);
    all.disconnect();
  }

  /// What the session sends when its client comes back as this user.
  std::vector<std::string> messages_of(std::string_view user_name) {
    ScriptedClient back(shard, ProtocolVersion::v3_1_1);
    back.send_connect("me", {.clean_start = false, .user_name = user_name});
    auto received = back.received();
    back.disconnect();
    EXPECT_EQ(received.at(0), "CONNACK Success with session");
    received.erase(received.begin());
    return received;
  }
};

TEST(Rights, OfASessionWithoutAConnectionAreThoseOfItsLastOne) {
  Queued rig;
  EXPECT_THAT(rig.messages_of("ann"), ElementsAre("PUBLISH r one qos1 #1", "PUBLISH also two qos1 #2"));
  EXPECT_EQ(rig.dropped(DropReason::may_not_receive), 1U);
}

TEST(Rights, WithdrawnWhileMessagesAreQueued) {
  Queued rig;
  rig.authorizer.users["ann"].read.erase("r");
  EXPECT_THAT(rig.messages_of("ann"), ElementsAre("PUBLISH also two qos1 #2"));
  EXPECT_EQ(rig.dropped(DropReason::may_not_receive), 2U);
}

TEST(Rights, OfAnotherUserWhoTakesTheSession) {
  Queued rig;
  EXPECT_THAT(rig.messages_of("bob"), IsEmpty());
  ScriptedClient all(rig.shard);
  all.connect("all");
  all.publish("r", "later", 1, 1);
  EXPECT_THAT(rig.messages_of("ann"), IsEmpty()) << "it came while the session was bob's";
}

TEST(Rights, WithdrawnWhileAMessageIsNotAcknowledged) {
  Queued rig;
  EXPECT_EQ(rig.messages_of("ann").size(), 2U);  // taken, not acknowledged
  rig.authorizer.users["ann"].read.erase("r");
  EXPECT_THAT(rig.messages_of("ann"), ElementsAre("PUBLISH also two qos1 #2 dup"));
  rig.authorizer.users["ann"].read.clear();
  EXPECT_THAT(rig.messages_of("ann"), IsEmpty());
}

TEST(Rights, GivenBackTheMatchesAreLookedUpAgain) {
  Queued rig;
  rig.messages_of("bob");
  ScriptedClient all(rig.shard), back(rig.shard, ProtocolVersion::v3_1_1);
  all.connect("all");
  all.publish("r", "not for bob", 1, 1);
  back.send_connect("me", {.clean_start = false, .user_name = "ann"});
  back.received();
  all.publish("r", "for ann", 0);
  EXPECT_THAT(back.received(), ElementsAre("PUBLISH r for ann"));
}

}  // namespace
}  // namespace mqttzoo::test
