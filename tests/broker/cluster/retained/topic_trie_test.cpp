#include "broker/cluster/retained/topic_trie.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>
#include <string>

namespace mqttzoo::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::set<std::string> match(const TopicTrie<std::string>& trie, std::string_view filter) {
  std::set<std::string> found;
  trie.match(filter, [&](const std::string& topic) { EXPECT_TRUE(found.insert(topic).second) << topic; });
  return found;
}

void add(TopicTrie<std::string>& trie, const std::string& topic) { trie[topic] = topic; }

TEST(TopicTrie, ExactTopics) {
  TopicTrie<std::string> trie;
  for (const auto* topic : {"a", "a/b", "a/b/c", "b"}) add(trie, topic);
  EXPECT_THAT(match(trie, "a/b"), ElementsAre("a/b"));
  EXPECT_THAT(match(trie, "a/c"), IsEmpty());
  EXPECT_NE(trie.find("a/b/c"), nullptr);
  EXPECT_EQ(trie.find("a/b/c/d"), nullptr);
}

TEST(TopicTrie, PlusIsOneLevel) {
  TopicTrie<std::string> trie;
  for (const auto* topic : {"a", "a/b", "a/b/c", "a/x/c", "a/", "/c"}) add(trie, topic);
  EXPECT_THAT(match(trie, "a/+"), ElementsAre("a/", "a/b"));
  EXPECT_THAT(match(trie, "a/+/c"), ElementsAre("a/b/c", "a/x/c"));
  EXPECT_THAT(match(trie, "+"), ElementsAre("a"));
  EXPECT_THAT(match(trie, "+/c"), ElementsAre("/c"));
  EXPECT_THAT(match(trie, "/+"), ElementsAre("/c"));
}

TEST(TopicTrie, HashIsTheLevelAboveAndAllBelow) {
  TopicTrie<std::string> trie;
  for (const auto* topic : {"a", "a/b", "a/b/c", "ab", "/"}) add(trie, topic);
  EXPECT_THAT(match(trie, "a/#"), ElementsAre("a", "a/b", "a/b/c"));
  EXPECT_THAT(match(trie, "#"), ElementsAre("/", "a", "a/b", "a/b/c", "ab"));
  EXPECT_THAT(match(trie, "+/b/#"), ElementsAre("a/b", "a/b/c"));
}

TEST(TopicTrie, LeadingWildcardsDoNotMatchDollar) {
  TopicTrie<std::string> trie;
  for (const auto* topic : {"$SYS/a", "$", "a/$b"}) add(trie, topic);
  EXPECT_THAT(match(trie, "#"), ElementsAre("a/$b"));
  EXPECT_THAT(match(trie, "+/a"), IsEmpty());
  EXPECT_THAT(match(trie, "+"), IsEmpty());
  EXPECT_THAT(match(trie, "$SYS/#"), ElementsAre("$SYS/a"));
  EXPECT_THAT(match(trie, "a/+"), ElementsAre("a/$b"));
}

TEST(TopicTrie, EraseLeavesTheOthers) {
  TopicTrie<std::string> trie;
  for (const auto* topic : {"a/b", "a/b/c", "a"}) add(trie, topic);
  trie.erase("a/b");
  trie.erase("a/b");
  trie.erase("x/y");
  EXPECT_THAT(match(trie, "#"), ElementsAre("a", "a/b/c"));
  trie.erase("a/b/c");
  EXPECT_THAT(match(trie, "a/#"), ElementsAre("a"));
}

TEST(TopicTrie, AddressesHold) {
  TopicTrie<std::string> trie;
  add(trie, "a");
  const auto* const value = trie.find("a");
  for (int number = 0; number < 100; ++number) add(trie, "a/" + std::to_string(number));
  EXPECT_EQ(trie.find("a"), value);
}

TEST(TopicTrie, AsDeepAsATopicCanBe) {
  TopicTrie<std::string> trie;
  const std::string deep(65'535, '/');
  add(trie, deep);
  EXPECT_EQ(match(trie, "#").size(), 1u);
  EXPECT_EQ(match(trie, "+/+/#").size(), 1u);
  trie.erase(deep);
  EXPECT_THAT(match(trie, "#"), IsEmpty());
  add(trie, deep);  // taken down with the trie
}

TEST(TopicTrie, AgreesWithTheRules) {
  std::mt19937 random(1);
  const auto pick = [&random](const char* const* from, unsigned count) { return std::string(from[random() % count]); };
  const char* const names[] = {"a", "b", "", "$c"};
  const char* const wild[] = {"a", "b", "", "$c", "+", "+"};
  TopicTrie<std::string> trie;
  std::set<std::string> topics;
  for (int step = 0; step < 20'000; ++step) {
    std::string topic = pick(names, 4);
    for (auto levels = random() % 4; levels > 0; --levels) topic += '/' + pick(names, 4);
    if (topic.empty()) continue;
    if (random() % 2 == 0) {
      add(trie, topic);
      topics.insert(topic);
    } else {
      trie.erase(topic);
      topics.erase(topic);
    }
    if (step % 10 != 0) continue;
    std::string filter = pick(wild, 6);
    for (auto levels = random() % 4; levels > 0; --levels) filter += '/' + pick(wild, 6);
    if (random() % 3 == 0) filter = filter.empty() ? "#" : filter + "/#";
    if (filter.empty()) continue;
    std::set<std::string> expected;
    for (const auto& candidate : topics)
      if (mqtt::matches(filter, candidate)) expected.insert(candidate);
    ASSERT_EQ(match(trie, filter), expected) << filter;
  }
}

TEST(TopicTrie, AMatchEndsWhenItsStepsAreUsedUp) {
  TopicTrie<std::string> trie;
  for (int topic = 0; topic < 100; ++topic) add(trie, "t/" + std::to_string(topic) + "/x");
  for (const auto* filter : {"#", "t/+/x", "+/+/+", "t/+/y"}) {
    std::size_t all = 1'000;
    EXPECT_TRUE(trie.match(
        filter, [](const std::string&) {}, all))
        << filter;
    std::size_t used = 1'000 - all;
    EXPECT_GT(used, 100u) << filter;
    EXPECT_TRUE(trie.match(
        filter, [](const std::string&) {}, used))
        << filter;
    EXPECT_EQ(used, 0u) << filter;
    std::size_t few = 50;
    std::size_t found = 0;
    EXPECT_FALSE(trie.match(
        filter, [&](const std::string&) { ++found; }, few))
        << filter;
    EXPECT_LE(found, 50u) << filter;
  }
}

}  // namespace
}  // namespace mqttzoo::cluster
