#include "broker/core/retained_sources.hpp"

#include <gmock/gmock.h>

#include "tests/support/scripted_access.hpp"
#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using core::MessageSource;
using mqtt::ProtocolVersion;
using testing::ElementsAre;

TEST(MessageSource, ComesBackFromItsText) {
  const std::string user = "user", nothing;
  for (const std::string* const user_name : {&user, &nothing, static_cast<const std::string*>(nullptr)}) {
    for (const char* const client_id : {"client", ""}) {
      const std::string text = MessageSource::text_of(client_id, user_name);
      const MessageSource back(text);
      EXPECT_EQ(back.client_id, client_id);
      ASSERT_EQ(back.user_name.has_value(), user_name != nullptr);
      EXPECT_EQ(back.user_name.value_or(""), user_name ? *user_name : "");
    }
  }
}

/// Counts for whose rights it is asked; clients whose identifiers begin with "bad" may not publish.
class CountingAuthorizer final : public core::Authorizer {
 public:
  std::shared_ptr<const core::Rights> rights_of(std::string_view client_id,
                                                std::optional<std::string_view>) const override {
    ++questions;
    return std::make_shared<Rights>(!client_id.starts_with("bad"));
  }
  mutable std::size_t questions = 0;

 private:
  class Rights final : public core::Rights {
   public:
    explicit Rights(bool publishes) : publishes_(publishes) {}
    bool may_publish(std::string_view) const override { return publishes_; }
    bool may_subscribe(std::string_view) const override { return true; }
    bool may_receive(std::string_view) const override { return true; }

   private:
    bool publishes_;
  };
};

core::MessageRef retained_by(const std::string& source) {
  return core::MessageRef::copy_of({.topic = "a", .payload = "x", .properties = {}, .source = source});
}

TEST(RetainedSources, AreAskedForOnce) {
  CountingAuthorizer authorizer;
  core::RetainedSources sources(authorizer);
  const core::MessageRef good = retained_by("good"), bad = retained_by("bad"), unknown = retained_by("");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(sources.may_publish(good->view()));
    EXPECT_FALSE(sources.may_publish(bad->view()));
    EXPECT_TRUE(sources.may_publish(unknown->view()));
  }
  EXPECT_EQ(authorizer.questions, 2U);
}

TEST(RetainedSources, ThatAreManyAreForgotten) {
  CountingAuthorizer authorizer;
  core::RetainedSources sources(authorizer);
  std::vector<core::MessageRef> messages;
  for (int i = 0; i < 2'500; ++i) messages.push_back(retained_by((i % 2 == 0 ? "good" : "bad") + std::to_string(i)));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(sources.may_publish(messages[i]->view()), i % 2 == 0);
  }
  EXPECT_TRUE(sources.may_publish(messages[0]->view()));
  EXPECT_EQ(authorizer.questions, messages.size() + 1);
}

/// ann publishes a retained message, and a subscriber comes: who gets it while ann has the right, and when not.
struct Source {
  explicit Source(const core::Limits& limits = {}) : shard(authenticator, authorizer, limits) {
    authenticator.at_once = mqtt::ReasonCode::success;
    authorizer.users["ann"] = {{"w"}, {}};
  }
  void publish(ProtocolVersion version, int qos, bool clean) {
    ScriptedClient ann(shard, version);
    ann.send_connect("me", {.clean_start = clean, .user_name = "ann"});
    ann.publish("w", "kept", qos, static_cast<std::uint16_t>(qos), true);
    if (qos == 2) ann.pubrel(2);
    ann.disconnect();
  }
  std::vector<std::string> subscribe() {
    ScriptedClient later(shard);
    later.connect("later").send_subscribe("w");
    auto received = later.received();
    later.disconnect();
    return received;
  }

  ScriptedAuthenticator authenticator;
  ScriptedAuthorizer authorizer;
  ShardUnderTest shard;
};

TEST(RetainedSource, MustStillHaveTheRight) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    for (const int qos : {0, 1, 2}) {
      for (const bool clean : {true, false}) {
        Source rig;
        rig.publish(version, qos, clean);
        EXPECT_EQ(rig.shard.router.retained.at("w")->view().source, std::string("me\0ann", 6));
        EXPECT_THAT(rig.subscribe(), ElementsAre("SUBACK #1 00", "PUBLISH w kept retain"));
        rig.authorizer.users["ann"].write.clear();
        EXPECT_THAT(rig.subscribe(), ElementsAre("SUBACK #1 00"));
        const auto reason = static_cast<std::size_t>(core::DropReason::not_authorized);
        EXPECT_EQ(rig.shard.shard.counters().drops[reason].get(), 1U);
      }
    }
  }
}

TEST(RetainedSource, IsNotAskedForIfToldSo) {
  core::Limits limits;
  limits.check_retain_source = false;
  Source rig(limits);
  rig.publish(ProtocolVersion::v5, 1, true);
  rig.authorizer.users["ann"].write.clear();
  EXPECT_THAT(rig.subscribe(), ElementsAre("SUBACK #1 00", "PUBLISH w kept retain"));
}

TEST(RetainedSource, ThatNobodyKnowsPasses) {
  Source rig;
  rig.shard.router.store("w", "kept", 1);
  EXPECT_THAT(rig.subscribe(), ElementsAre("SUBACK #1 00", "PUBLISH w kept retain"));
}

TEST(RetainedSource, OfAnAnonymousClientIsItsClientIdentifier) {
  Source rig;
  ScriptedClient client(rig.shard);
  client.connect("me").publish("any", "kept", 1, 1, true);
  EXPECT_EQ(rig.shard.router.retained.at("any")->view().source, "me");
}

}  // namespace
}  // namespace mqttzoo::test
