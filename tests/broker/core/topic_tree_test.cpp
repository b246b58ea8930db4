#include "broker/core/topic_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace mqttzoo::core {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// Each filter is entered under its own name, so that a match says which filters matched.
class TopicTreeTest : public testing::Test {
 protected:
  void add(std::initializer_list<const char*> filters) {
    for (const char* filter : filters) tree.insert(filter, filter, 0);
  }
  std::vector<std::string> matches(std::string_view topic) const {
    std::vector<std::string> found;
    tree.match(topic, [&](const auto& entries) {
      for (const auto& [key, value] : entries) found.push_back(key);
    });
    return found;
  }
  std::vector<std::string> filters() const {
    std::vector<std::string> found;
    tree.for_each_filter([&](std::string_view filter, const auto&) { found.emplace_back(filter); });
    return found;
  }

  TopicTree<std::string, int> tree;
};

// v5 and v3.1.1 4.7.1.2: "sport/#" also matches the singular "sport".
TEST_F(TopicTreeTest, HashMatchesItsParentAndAllBelow) {
  add({"sport/tennis/player1/#", "sport/#", "#"});
  EXPECT_THAT(matches("sport/tennis/player1"), UnorderedElementsAre("sport/tennis/player1/#", "sport/#", "#"));
  EXPECT_THAT(matches("sport/tennis/player1/score/wimbledon"),
              UnorderedElementsAre("sport/tennis/player1/#", "sport/#", "#"));
  EXPECT_THAT(matches("sport"), UnorderedElementsAre("sport/#", "#"));
  EXPECT_THAT(matches("sports"), ElementsAre("#"));
}

// v5 and v3.1.1 4.7.1.3: "+" is one level, also an empty one.
TEST_F(TopicTreeTest, PlusMatchesOneLevel) {
  add({"sport/tennis/+", "sport/+", "+", "+/+", "/+", "+/tennis/#"});
  EXPECT_THAT(matches("sport/tennis/player1"), UnorderedElementsAre("sport/tennis/+", "+/tennis/#"));
  EXPECT_THAT(matches("sport/tennis/player1/ranking"), ElementsAre("+/tennis/#"));
  EXPECT_THAT(matches("sport"), ElementsAre("+"));
  EXPECT_THAT(matches("sport/"), UnorderedElementsAre("sport/+", "+/+"));
  EXPECT_THAT(matches("/finance"), UnorderedElementsAre("+/+", "/+"));
  EXPECT_THAT(matches("a/tennis"), UnorderedElementsAre("+/+", "+/tennis/#"));
}

// v5 and v3.1.1 [MQTT-4.7.2-1]
TEST_F(TopicTreeTest, WildcardsAtTheBeginDoNotMatchDollarTopics) {
  add({"#", "+/monitor/Clients", "$SYS/#", "$SYS/monitor/+", "$SYS/monitor/Clients", "+/#", "+"});
  EXPECT_THAT(matches("$SYS/monitor/Clients"),
              UnorderedElementsAre("$SYS/#", "$SYS/monitor/+", "$SYS/monitor/Clients"));
  EXPECT_THAT(matches("$SYS"), ElementsAre("$SYS/#"));
  EXPECT_THAT(matches("a/$SYS"), UnorderedElementsAre("#", "+/#"));
}

TEST_F(TopicTreeTest, EmptyLevelsAreLevels) {
  add({"/", "a//b", "a/+/b", "//#", "+/+"});
  EXPECT_THAT(matches("/"), UnorderedElementsAre("/", "+/+", "//#"));
  EXPECT_THAT(matches("a//b"), UnorderedElementsAre("a//b", "a/+/b"));
  EXPECT_THAT(matches("//"), ElementsAre("//#"));
}

TEST_F(TopicTreeTest, CaseAndSpacesMatter) {
  add({"Accounts", "accounts payable"});
  EXPECT_THAT(matches("ACCOUNTS"), ElementsAre());
  EXPECT_THAT(matches("accounts payable"), ElementsAre("accounts payable"));
}

TEST_F(TopicTreeTest, TellsTheFirstAndTheLastEntryOfAFilter) {
  for (const char* filter : {"a/b", "a/+", "a/#", "#"}) {
    const auto first = tree.insert(filter, "x", 1);
    EXPECT_TRUE(first.is_new && first.first_of_filter) << filter;
    const auto replaced = tree.insert(filter, "x", 2);
    EXPECT_TRUE(!replaced.is_new && !replaced.first_of_filter) << filter;
    EXPECT_EQ(*tree.find(filter, "x"), 2);
    const auto second = tree.insert(filter, "y", 3);
    EXPECT_TRUE(second.is_new && !second.first_of_filter) << filter;
    EXPECT_FALSE(tree.erase(filter, "z").existed);
    const auto erased = tree.erase(filter, "x");
    EXPECT_TRUE(erased.existed && !erased.last_of_filter) << filter;
    const auto last = tree.erase(filter, "y");
    EXPECT_TRUE(last.existed && last.last_of_filter) << filter;
    EXPECT_FALSE(tree.erase(filter, "y").existed);
    EXPECT_EQ(tree.find(filter, "y"), nullptr);
  }
  EXPECT_EQ(tree.filter_count(), 0U);
  EXPECT_EQ(tree.entry_count(), 0U);
}

TEST_F(TopicTreeTest, ListsEveryFilterOnce) {
  add({"a/b", "a/+", "a/+/c", "a/#", "#", "+", "+/x/#", "/", "//+", "$SYS/+/y", "z/+/z", "zz/+/z"});
  EXPECT_THAT(filters(), UnorderedElementsAre("a/b", "a/+", "a/+/c", "a/#", "#", "+", "+/x/#", "/", "//+", "$SYS/+/y",
                                              "z/+/z", "zz/+/z"));
  EXPECT_EQ(tree.filter_count(), 12U);
}

TEST_F(TopicTreeTest, ErasingLeavesOthersAlone) {
  add({"a/+/c", "a/+", "a/+/c/#"});
  tree.erase("a/+/c", "a/+/c");
  EXPECT_THAT(matches("a/b/c"), ElementsAre("a/+/c/#"));
  tree.erase("a/+/c/#", "a/+/c/#");
  EXPECT_THAT(matches("a/b/c"), ElementsAre());
  EXPECT_THAT(matches("a/b"), ElementsAre("a/+"));
}

// Thousands of random filters and topics, entered and erased, against the plain rule for one filter and one topic.
TEST_F(TopicTreeTest, AgreesWithTheRuleForOneFilter) {
  std::mt19937 random(20240607);
  const char* const words[] = {"a", "b", "", "$x", "long level name"};
  const auto make = [&](bool filter) {
    std::string text;
    const int levels = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < levels; ++i) {
      if (i != 0) text += '/';
      const unsigned kind = random() % 8;
      if (filter && kind == 0 && i + 1 == levels) return text + "#";
      text += filter && kind < 3 ? "+" : words[random() % 5];
    }
    return text.empty() ? std::string("/") : text;
  };
  std::set<std::string> present;
  for (int round = 0; round < 4000; ++round) {
    const std::string filter = make(true);
    if (random() % 2 == 0) {
      ASSERT_EQ(tree.insert(filter, filter, 0).is_new, present.insert(filter).second);
    } else {
      ASSERT_EQ(tree.erase(filter, filter).existed, present.erase(filter) == 1);
    }
    const std::string topic = make(false);
    std::set<std::string> expected;
    for (const std::string& one : present) {
      if (mqtt::matches(one, topic)) expected.insert(one);
    }
    const auto found = matches(topic);
    ASSERT_EQ(found.size(), expected.size()) << topic;
    ASSERT_EQ(std::set<std::string>(found.begin(), found.end()), expected) << topic;
  }
  const auto listed = filters();
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), present);
  EXPECT_EQ(listed.size(), present.size());
}

}  // namespace
}  // namespace mqttzoo::core
