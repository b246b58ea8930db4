#include "broker/ops/sys_topics.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::ops {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(SysTopics, The_first_time_everything_is_said) {
  SysTopics topics;
  SysValues values;
  values.uptime_milliseconds = 10'999;
  values.clients_connected = 2;
  values.clients_disconnected = 3;
  values.stored_messages = 4;
  values.stored_bytes = 50;
  const auto changes = topics.changed(values, {});
  EXPECT_THAT(changes, IsSupersetOf({
                           Pair("$SYS/broker/version", "mqttzoo version " MQTTZOO_VERSION),
                           Pair("$SYS/broker/uptime", "10 seconds"),
                           Pair("$SYS/broker/clients/connected", "2"),
                           Pair("$SYS/broker/clients/active", "2"),
                           Pair("$SYS/broker/clients/disconnected", "3"),
                           Pair("$SYS/broker/clients/inactive", "3"),
                           Pair("$SYS/broker/clients/total", "5"),
                           Pair("$SYS/broker/clients/expired", "0"),
                           Pair("$SYS/broker/messages/stored", "4"),
                           Pair("$SYS/broker/store/messages/count", "4"),
                           Pair("$SYS/broker/store/messages/bytes", "50"),
                           Pair("$SYS/broker/shared_subscriptions/count", "0"),
                           Pair("$SYS/broker/retained messages/count", "0"),
                           Pair("$SYS/broker/load/publish/dropped/15min", "0.00"),
                       }));
}

TEST(SysTopics, Later_only_what_has_changed) {
  SysTopics topics;
  SysValues values;
  (void)topics.changed(values, {});
  EXPECT_THAT(topics.changed(values, {}), IsEmpty());
  values.uptime_milliseconds = 20'000;
  values.clients_expired = 5;
  EXPECT_THAT(topics.changed(values, {}),
              UnorderedElementsAre(Pair("$SYS/broker/uptime", "20 seconds"), Pair("$SYS/broker/clients/expired", "5")));
}

TEST(SysTopics, The_maximum_stays) {
  SysTopics topics;
  SysValues values;
  values.clients_connected = 3;
  EXPECT_THAT(topics.changed(values, {}), Contains(Pair("$SYS/broker/clients/maximum", "3")));
  values.clients_connected = 1;
  EXPECT_THAT(topics.changed(values, {}),
              UnorderedElementsAre(Pair("$SYS/broker/clients/connected", "1"), Pair("$SYS/broker/clients/active", "1"),
                                   Pair("$SYS/broker/clients/total", "1")));
}

TEST(SysTopics, Loads_are_averages_per_minute) {
  SysTopics topics;
  SysValues values;
  (void)topics.changed(values, {});
  values.uptime_milliseconds = 60'000;
  values.connects_received = 100;
  EXPECT_THAT(topics.changed(values, {}), UnorderedElementsAre(Pair("$SYS/broker/uptime", "60 seconds"),
                                                               Pair("$SYS/broker/load/connections/1min", "63.21"),
                                                               Pair("$SYS/broker/load/connections/5min", "18.13"),
                                                               Pair("$SYS/broker/load/connections/15min", "6.45")));
}

TEST(SysTopics, The_cluster_as_the_broker_sees_it) {
  SysTopics topics;
  EXPECT_THAT(topics.changed({}, {}), Not(Contains(Pair("$SYS/broker/cluster/members", "")))) << "not known yet";
  SysCluster cluster;
  cluster.name = "b2";
  cluster.members = {"b1", "b2"};
  cluster.view = 7;
  cluster.partitions = 32;
  cluster.member = cluster.acting = true;
  cluster.coordination = "ok";
  EXPECT_THAT(topics.changed({}, cluster),
              UnorderedElementsAre(
                  Pair("$SYS/broker/cluster/name", "b2"), Pair("$SYS/broker/cluster/members", "b1 b2"),
                  Pair("$SYS/broker/cluster/members/count", "2"), Pair("$SYS/broker/cluster/view", "7"),
                  Pair("$SYS/broker/cluster/partitions/primary", "32"), Pair("$SYS/broker/cluster/member", "1"),
                  Pair("$SYS/broker/cluster/acting", "1"), Pair("$SYS/broker/cluster/coordination", "ok")));
}

}  // namespace
}  // namespace mqttzoo::ops
