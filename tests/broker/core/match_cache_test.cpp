#include "broker/core/match_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mqttzoo::core {
namespace {

MatchCache<std::string>::Bounds bounds() { return {.slots = 8, .topic_bytes_max = 10, .cost_max = 100}; }

TEST(MatchCache, RemembersUntilToldOtherwise) {
  MatchCache<std::string> cache(bounds());
  EXPECT_EQ(cache.find("a"), nullptr);
  std::string value = "found";
  EXPECT_EQ(cache.keep("a", value, 1), "found");
  ASSERT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(*cache.find("a"), "found");
  cache.forget("b");
  EXPECT_NE(cache.find("a"), nullptr);
  cache.forget("a");
  EXPECT_EQ(cache.find("a"), nullptr);
  value = "again";
  cache.keep("a", value, 1);
  cache.forget_all();
  EXPECT_EQ(cache.find("a"), nullptr);
}

TEST(MatchCache, ManyTopicsShareFewSlots) {
  MatchCache<std::string> cache(bounds());
  for (int i = 0; i < 1000; ++i) {
    const std::string topic = std::to_string(i);
    std::string value = topic;
    cache.keep(topic, value, 1);
    ASSERT_NE(cache.find(topic), nullptr);
    ASSERT_EQ(*cache.find(topic), topic);
  }
  int remembered = 0;
  for (int i = 0; i < 1000; ++i) remembered += cache.find(std::to_string(i)) != nullptr ? 1 : 0;
  EXPECT_LE(remembered, 8);
}

TEST(MatchCache, LeavesOutWhatIsTooLongOrTooMuch) {
  MatchCache<std::string> cache(bounds());
  std::string value = "v";
  EXPECT_EQ(&cache.keep("eleven chars", value, 1), &value);
  EXPECT_EQ(cache.find("eleven chars"), nullptr);
  EXPECT_EQ(&cache.keep("a", value, 101), &value);
  EXPECT_EQ(cache.find("a"), nullptr);
  EXPECT_NE(&cache.keep("a", value, 100), &value);
  // A topic in the same slot replaces its cost too.
  std::string other = "o";
  EXPECT_NE(&cache.keep("a", other, 100), &other);
}

}  // namespace
}  // namespace mqttzoo::core
