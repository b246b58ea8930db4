#include "client/url.hpp"

#include <stdexcept>

namespace mqttzoo::client {
namespace {

TEST(Url, AllParts) {
  const MqttUrl url = parse_url("mqtt://user:password@host:1884/a/b");
  EXPECT_EQ(url.host, "host");
  EXPECT_EQ(url.port, 1884);
  EXPECT_EQ(url.user_name, "user");
  EXPECT_EQ(url.password, "password");
  EXPECT_EQ(url.topic, "a/b");
}

TEST(Url, OnlyAHost) {
  const MqttUrl url = parse_url("mqtt://host");
  EXPECT_EQ(url.port, 1883);
  EXPECT_FALSE(url.user_name || url.password || url.topic);
}

TEST(Url, PercentEncodingAndIpv6) {
  const MqttUrl url = parse_url("mqtt://a%40b:p%2Fw@[::1]/%23/x%20y");
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.user_name, "a@b");
  EXPECT_EQ(url.password, "p/w");
  EXPECT_EQ(url.topic, "#/x y");
}

TEST(Url, ALeadingSlashBelongsToTheTopicWhenDoubled) { EXPECT_EQ(parse_url("mqtt://host//Testing").topic, "/Testing"); }

TEST(Url, WhatIsNoUrlIsRefused) {
  for (const char* text : {"", "host", "http://host/", "mqtt:///topic", "mqtt://host:0/", "mqtt://host:99999/",
                           "mqtt://host/a#b", "mqtt://host/a?b"}) {
    EXPECT_THROW(parse_url(text), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace mqttzoo::client
