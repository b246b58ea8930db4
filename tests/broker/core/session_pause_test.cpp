// A connection whose session lives elsewhere is read no further than the session takes (SessionInlet::must_pause).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

/// Has too much of its client's with each packet, until it is relieved.
class BusySession final : public core::SessionInlet {
 public:
  core::SessionOutlet* outlet = nullptr;
  int packets = 0;

  /// False: nothing had to wait.
  bool relieve() {
    const bool was_busy = std::exchange(busy_, false);
    outlet->resume_reading();
    return was_busy;
  }

  void attach(core::SessionOutlet& to) override { outlet = &to; }
  void detach() override {}
  void send_waiting() override {}
  bool must_pause() override { return busy_; }
  void subscribe(const mqtt::Subscribe&) override { take(); }
  void unsubscribe(const mqtt::Unsubscribe&) override { take(); }
  void publish(std::uint16_t, const core::MessageView&, bool) override { take(); }
  void on_pubrel(std::uint16_t) override { take(); }
  void on_puback(std::uint16_t) override { take(); }
  void on_pubrec(std::uint16_t, mqtt::ReasonCode) override { take(); }
  void on_pubcomp(std::uint16_t) override { take(); }

 private:
  void take() {
    ++packets;
    busy_ = true;
  }
  bool busy_ = false;
};

TEST(SessionPause, EveryKindOfPacketThatTheSessionGetsCounts) {
  ShardUnderTest shard;
  shard.router.holds_registrations = true;
  ScriptedClient client(shard);
  client.send_connect("me");
  BusySession session;
  shard.router.shard->registered(client.id(), {mqtt::ReasonCode::success, false, &session});
  shard.turn();
  const std::vector<std::function<void()>> packets = {
      [&] { client.publish("a", "x", 2, 1); },
      [&] { client.pubrel(7); },
      [&] { client.puback(1); },
      [&] { client.pubrec(1); },
      [&] { client.pubcomp(1); },
      [&] { client.send_subscribe("a", 1, 2); },
      [&] { client.unsubscribe("a", 3); },
  };
  int sent = 0;
  for (std::size_t kind = 0; kind < packets.size(); ++kind) {
    packets[kind]();
    ++sent;
    EXPECT_EQ(session.packets, sent) << kind;
    EXPECT_TRUE(client.connection().reading_paused()) << kind;
    EXPECT_TRUE(session.relieve());
    shard.turn();
    EXPECT_FALSE(client.connection().reading_paused()) << kind;
  }
}

}  // namespace
}  // namespace mqttzoo::test
