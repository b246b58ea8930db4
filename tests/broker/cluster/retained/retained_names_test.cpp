#include "broker/cluster/retained/retained_names.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "zk/znode_path.hpp"

namespace mqttzoo::cluster {
namespace {

TEST(RetainedNames, ReadableTopicsStayReadable) {
  EXPECT_EQ(retained_znode_name("read/me now"), "read%2Fme%20now");
  EXPECT_EQ(retained_znode_name("sensor-1_a.b:C@D=9"), "sensor-1_a.b:C@D=9");
  EXPECT_EQ(retained_znode_name("100%"), "100%25");
  EXPECT_EQ(retained_znode_name("/"), "%2F");
  EXPECT_EQ(retained_znode_name("caf\xC3\xA9"), "caf%C3%A9");
}

TEST(RetainedNames, NoNameThatZooKeeperRefuses) {
  EXPECT_EQ(retained_znode_name("."), "%2E");
  EXPECT_EQ(retained_znode_name(".."), "%2E%2E");
  EXPECT_EQ(retained_znode_name("..."), "...");
  for (int byte = 1; byte < 256; ++byte) {
    const std::string topic(1, static_cast<char>(byte));
    const auto path = retained_znode_path(topic);
    EXPECT_EQ(zk::path_error(path), nullptr) << path;
    for (const char character : path) EXPECT_TRUE(character > 0x20 && character < 0x7F) << path;
  }
  EXPECT_EQ(zk::path_error(retained_znode_path("zookeeper")), nullptr);
}

TEST(RetainedNames, TopicsComeBack) {
  for (const std::string topic : {"a", "read/me now", ".", "..", "~home~", "%41", "a%2Fb", "\x01\x7F\xFF", "//"})
    EXPECT_EQ(topic_of_znode_name(retained_znode_name(topic)), topic);
}

TEST(RetainedNames, StrangersNamesHaveNoTopic) {
  for (const std::string name : {"", "%", "%4", "%4g", "%41", "%2f", "a/b", "a b", ".", "a~b", "%zz"})
    EXPECT_EQ(topic_of_znode_name(name), std::nullopt) << name;
}

TEST(RetainedNames, LongTopicsAreCutAndStayApart) {
  const std::string longest(65'535, '/');
  std::string other = longest;
  other.back() = 'x';
  const auto name = retained_znode_name(longest);
  EXPECT_LE(name.size(), znode_name_bytes_max);
  EXPECT_EQ(name.substr(0, 6), "%2F%2F");
  EXPECT_NE(name, retained_znode_name(other));
  EXPECT_EQ(topic_of_znode_name(name), std::nullopt);
  // A short topic that looks like a cut name is encoded otherwise.
  EXPECT_NE(retained_znode_name(name), name);
}

TEST(RetainedNames, TheLimitIsTheEncodedSize) {
  const std::string whole(znode_name_bytes_max, 'x');
  EXPECT_EQ(retained_znode_name(whole), whole);
  EXPECT_EQ(topic_of_znode_name(whole), whole);
  EXPECT_LT(retained_znode_name(whole + 'x').size(), whole.size());
  const std::string encoded(znode_name_bytes_max / 3 + 1, ' ');
  EXPECT_EQ(topic_of_znode_name(retained_znode_name(encoded)), std::nullopt);
}

TEST(RetainedNames, TheHashIsPartOfTheFormat) {
  // Brokers of different versions must find each other's values.
  EXPECT_EQ(retained_znode_path("a"), "/topic/ed/a");
  EXPECT_EQ(retained_znode_path("sensors/1/temperature"), "/topic/2b/sensors%2F1%2Ftemperature");
  const std::string cut = retained_znode_name(std::string(500, 'a'));
  EXPECT_EQ(cut.substr(0, 298), std::string(298, 'a'));
  EXPECT_EQ(cut.substr(298), "~69206a472a1f384259f2c387211f123d");
}

TEST(RetainedNames, TopicsSpreadOverTheBuckets) {
  std::vector<int> counts(retained_buckets);
  for (int number = 0; number < 25'600; ++number) ++counts[retained_bucket("sensors/" + std::to_string(number))];
  for (const int count : counts) EXPECT_NEAR(count, 100, 60);
}

}  // namespace
}  // namespace mqttzoo::cluster
