#include "broker/ops/sys_topics.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::ops {
namespace {

using testing::Contains;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(SysTopics, The_first_time_everything_is_said) {
  SysTopics topics;
  SysValues values;
  values.uptime_seconds = 10;
  values.clients_connected = 2;
  const auto changes = topics.changed(values);
  EXPECT_THAT(changes, Contains(Pair("$SYS/broker/version", "mqttzoo version " MQTTZOO_VERSION)));
  EXPECT_THAT(changes, Contains(Pair("$SYS/broker/uptime", "10 seconds")));
  EXPECT_THAT(changes, Contains(Pair("$SYS/broker/clients/connected", "2")));
  EXPECT_THAT(changes, Contains(Pair("$SYS/broker/retained messages/count", "0")));
}

TEST(SysTopics, Later_only_what_has_changed) {
  SysTopics topics;
  SysValues values;
  (void)topics.changed(values);
  EXPECT_THAT(topics.changed(values), UnorderedElementsAre());
  values.uptime_seconds = 20;
  values.bytes_sent = 5;
  EXPECT_THAT(topics.changed(values),
              UnorderedElementsAre(Pair("$SYS/broker/uptime", "20 seconds"), Pair("$SYS/broker/bytes/sent", "5")));
}

TEST(SysTopics, The_maximum_stays) {
  SysTopics topics;
  SysValues values;
  values.clients_connected = 3;
  EXPECT_THAT(topics.changed(values), Contains(Pair("$SYS/broker/clients/maximum", "3")));
  values.clients_connected = 1;
  EXPECT_THAT(topics.changed(values), UnorderedElementsAre(Pair("$SYS/broker/clients/connected", "1"),
                                                           Pair("$SYS/broker/clients/active", "1")));
}

}  // namespace
}  // namespace mqttzoo::ops
