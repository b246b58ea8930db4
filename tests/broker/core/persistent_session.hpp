#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {

inline std::uint64_t drops(const ShardUnderTest& shard, core::DropReason reason) {
  return shard.shard.counters().drops[static_cast<std::size_t>(reason)].get();
}

/// How a client connects: v5 with a Session Expiry Interval of an hour unless told otherwise.
class Properties {
 public:
  explicit Properties(std::uint32_t expiry_seconds = 3600, std::uint16_t receive_maximum = 0) {
    writer_.add_number(mqtt::PropertyId::session_expiry_interval, expiry_seconds);
    if (receive_maximum != 0) writer_.add_number(mqtt::PropertyId::receive_maximum, receive_maximum);
  }
  ConnectOptions resume() const { return {.clean_start = false, .properties = writer_.view()}; }
  ConnectOptions start() const { return {.clean_start = true, .properties = writer_.view()}; }

 private:
  mqtt::PropertyWriter writer_;
};

class PersistentSession : public testing::Test {
 protected:
  explicit PersistentSession(const core::Limits& limits = {}) : shard(limits) { publisher.connect("publisher"); }

  void publish(std::string_view payload, int qos = 1) {
    publisher.publish("a", payload, qos, qos == 0 ? 0 : ++last_id_);
  }
  std::uint64_t sessions() const { return shard.shard.counters().persistent_sessions.get(); }

  const Properties hour;
  ShardUnderTest shard;
  ScriptedClient publisher{shard};

 private:
  std::uint16_t last_id_ = 0;
};

}  // namespace mqttzoo::test
