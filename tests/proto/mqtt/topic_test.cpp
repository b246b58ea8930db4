#include "proto/mqtt/topic.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace mqttzoo::mqtt {
namespace {

TEST(TopicName, HasAtLeastOneCharacterAndNoWildcard) {
  EXPECT_TRUE(valid_topic_name("a"));
  EXPECT_TRUE(valid_topic_name("/"));
  EXPECT_TRUE(valid_topic_name("sport/tennis/player1"));
  EXPECT_TRUE(valid_topic_name("Accounts payable"));
  EXPECT_TRUE(valid_topic_name("$SYS/broker"));
  EXPECT_FALSE(valid_topic_name(""));
  EXPECT_FALSE(valid_topic_name("a/+"));
  EXPECT_FALSE(valid_topic_name("a#"));
}

TEST(TopicName, ObeysTheLimitsOfTheCaller) {
  EXPECT_TRUE(valid_topic_name("a/b/c", {.levels_max = 3}));
  EXPECT_FALSE(valid_topic_name("a/b/c", {.levels_max = 2}));
  EXPECT_TRUE(valid_topic_name("abc", {.bytes_max = 3}));
  EXPECT_FALSE(valid_topic_name("abcd", {.bytes_max = 3}));
  EXPECT_TRUE(valid_topic_name(std::string(65'535, 'x')));
  EXPECT_FALSE(valid_topic_name(std::string(65'536, 'x')));
}

// The examples of v5 4.7.1.2 and 4.7.1.3.
TEST(TopicFilter, MultiLevelWildcardIsTheLastLevel_MQTT_4_7_1_1) {
  for (const char* const valid : {"#", "sport/#", "sport/tennis/#", "/#", "//#", "+/#"}) {
    EXPECT_TRUE(valid_topic_filter(valid)) << valid;
  }
  for (const char* const invalid : {"sport/tennis#", "sport/tennis/#/ranking", "#/a", "##", "#/", "a/#b", "+#"}) {
    EXPECT_FALSE(valid_topic_filter(invalid)) << invalid;
  }
}

TEST(TopicFilter, SingleLevelWildcardIsAWholeLevel_MQTT_4_7_1_2) {
  for (const char* const valid : {"+", "+/tennis/#", "sport/+/player1", "/+", "+/", "+/+", "a/+"}) {
    EXPECT_TRUE(valid_topic_filter(valid)) << valid;
  }
  for (const char* const invalid : {"sport+", "+sport", "a/b+/c", "a/+b", "++", "+a/b"}) {
    EXPECT_FALSE(valid_topic_filter(invalid)) << invalid;
  }
}

TEST(TopicFilter, ObeysTheLimitsOfTheCaller) {
  EXPECT_FALSE(valid_topic_filter(""));
  EXPECT_FALSE(valid_topic_filter("a/#", {.levels_max = 1}));
  EXPECT_TRUE(valid_topic_filter("a/#", {.levels_max = 2}));
  EXPECT_FALSE(valid_topic_filter("abc", {.bytes_max = 2}));
}

TEST(Matches, LevelsAreComparedOneByOne) {
  EXPECT_TRUE(matches("a/b", "a/b"));
  EXPECT_FALSE(matches("a/b", "a/c"));
  EXPECT_FALSE(matches("a/b", "a"));
  EXPECT_FALSE(matches("a", "a/b"));
  EXPECT_FALSE(matches("a", "/a"));
  EXPECT_FALSE(matches("ACCOUNTS", "Accounts"));
  EXPECT_FALSE(matches("a/b", "a/bc"));
  EXPECT_FALSE(matches("a", "a/"));
}

TEST(Matches, ExamplesOf4_7_1_2) {
  for (const char* const topic :
       {"sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon"}) {
    EXPECT_TRUE(matches("sport/tennis/player1/#", topic)) << topic;
    EXPECT_TRUE(matches("#", topic)) << topic;
  }
  EXPECT_TRUE(matches("sport/#", "sport"));
  EXPECT_FALSE(matches("sport/#", "sports"));
  EXPECT_FALSE(matches("sport/tennis/#", "sport"));
}

TEST(Matches, ExamplesOf4_7_1_3) {
  EXPECT_TRUE(matches("sport/tennis/+", "sport/tennis/player1"));
  EXPECT_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
  EXPECT_FALSE(matches("sport/+", "sport"));
  EXPECT_TRUE(matches("sport/+", "sport/"));
  EXPECT_TRUE(matches("+/+", "/finance"));
  EXPECT_TRUE(matches("/+", "/finance"));
  EXPECT_FALSE(matches("+", "/finance"));
  EXPECT_TRUE(matches("+/tennis/#", "sport/tennis"));
  EXPECT_TRUE(matches("a/+/+/d", "a///d"));
}

TEST(Matches, LeadingWildcardsLeaveDollarTopicsAlone_MQTT_4_7_2_1) {
  EXPECT_FALSE(matches("#", "$SYS/monitor/Clients"));
  EXPECT_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
  EXPECT_FALSE(matches("+", "$SYS"));
  EXPECT_TRUE(matches("$SYS/#", "$SYS/monitor/Clients"));
  EXPECT_TRUE(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
  EXPECT_TRUE(matches("a/+", "a/$b"));
  EXPECT_TRUE(matches("a/#", "a/$b"));
}

TEST(SharedFilter, IsTakenApart) {
  const auto shared = parse_shared_filter("$share/consumers/sport/tennis/+");
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->share_name, "consumers");
  EXPECT_EQ(shared->filter, "sport/tennis/+");
  const auto rooted = parse_shared_filter("$share/consumers//finance");
  ASSERT_TRUE(rooted);
  EXPECT_EQ(rooted->filter, "/finance");
}

TEST(SharedFilter, NeedsANameAndAFilter_MQTT_4_8_2_1_And_4_8_2_2) {
  for (const char* const bad : {"$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/g#/a"}) {
    EXPECT_TRUE(is_shared_filter(bad)) << bad;
    EXPECT_FALSE(parse_shared_filter(bad)) << bad;
  }
}

TEST(SharedFilter, OtherFiltersAreNotShared) {
  for (const char* const other : {"", "$share", "$shared/a/b", "share/a/b", "/$share/a/b"}) {
    EXPECT_FALSE(is_shared_filter(other)) << other;
    EXPECT_FALSE(parse_shared_filter(other)) << other;
  }
}

std::vector<std::string> levels_of(std::string_view topic) {
  std::vector<std::string> levels;
  for (const std::string_view level : TopicLevels(topic)) levels.emplace_back(level);
  return levels;
}

TEST(TopicLevels, AreWhatStandsBetweenSlashes) {
  EXPECT_EQ(levels_of("a/bc/d"), (std::vector<std::string>{"a", "bc", "d"}));
  EXPECT_EQ(levels_of("/"), (std::vector<std::string>{"", ""}));
  EXPECT_EQ(levels_of("a//b/"), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(levels_of("a"), std::vector<std::string>{"a"});
  EXPECT_EQ(levels_of(""), std::vector<std::string>{""});
}

TEST(TopicLevels, CanBeCounted) {
  for (const char* const topic : {"a", "/", "a/b", "a//b/", "/a/b/c"}) {
    EXPECT_EQ(count_levels(topic), levels_of(topic).size()) << topic;
  }
}

TEST(TopicLevels, TheIteratorKnowsTheLastLevel) {
  auto level = TopicLevels("a/b").begin();
  EXPECT_FALSE(level.last());
  EXPECT_EQ(*level++, "a");
  EXPECT_TRUE(level.last());
  EXPECT_EQ(level->size(), 1U);
}

}  // namespace
}  // namespace mqttzoo::mqtt
