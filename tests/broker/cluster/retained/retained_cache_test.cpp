#include "broker/cluster/retained/retained_cache.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = RetainedEntry::Kind;

RetainedEntry value(const std::string& topic, const std::string& payload, std::int64_t version,
                    core::ClusterMilliseconds expires_at = 0) {
  RetainedEntry entry;
  entry.topic = topic;
  entry.message = core::MessageRef::copy_of({.topic = topic, .payload = payload, .properties = {}, .publisher = {}});
  entry.expires_at = expires_at;
  entry.version = version;
  entry.znode_version = static_cast<std::int32_t>(version);
  entry.credit_bytes = 100 + payload.size();
  return entry;
}

RetainedEntry of_kind(Kind kind, const std::string& topic, std::int64_t version) {
  RetainedEntry entry;
  entry.topic = topic;
  entry.kind = kind;
  entry.version = version;
  entry.credit_bytes = 50;
  return entry;
}

std::vector<std::string> read(const RetainedCache& cache, std::string_view filter, core::ClusterMilliseconds now = 0) {
  std::vector<core::RetainedMatch> matches;
  cache.read(filter, 0, now, matches);
  std::vector<std::string> found;
  for (const auto& match : matches)
    found.push_back(std::string(match.message->view().topic) + "=" + std::string(match.message->view().payload));
  std::sort(found.begin(), found.end());
  return found;
}

TEST(RetainedCache, NewerVersionsWin) {
  RetainedCache cache;
  EXPECT_TRUE(cache.put(value("a", "new", 5)));
  EXPECT_FALSE(cache.put(value("a", "old", 4)));
  EXPECT_THAT(read(cache, "a"), ElementsAre("a=new"));
  EXPECT_TRUE(cache.put(value("a", "newer", 6)));
  EXPECT_THAT(read(cache, "#"), ElementsAre("a=newer"));
  EXPECT_EQ(cache.values(), 1u);
}

TEST(RetainedCache, OnlyValuesThatHaveNotExpiredAreRead) {
  RetainedCache cache;
  cache.put(value("a", "x", 1, 1'000));
  cache.put(of_kind(Kind::deleted, "b", 2));
  cache.put(of_kind(Kind::unreadable, "c", 3));
  EXPECT_THAT(read(cache, "#", 999), ElementsAre("a=x"));
  EXPECT_THAT(read(cache, "#", 1'000), IsEmpty());
}

TEST(RetainedCache, CountsAndCredit) {
  RetainedCache cache;
  cache.put(value("a", "12345", 1));
  cache.put(value("b", "1", 2));
  cache.put(of_kind(Kind::unreadable, "c", 3));
  EXPECT_EQ(cache.values(), 2u);
  EXPECT_EQ(cache.znodes(), 3u);
  EXPECT_EQ(cache.credit_bytes(), 105u + 101u + 50u);
  const auto bytes = cache.value_bytes();
  cache.put(value("a", "123456", 4));
  EXPECT_EQ(cache.value_bytes(), bytes + 1);
  cache.put(of_kind(Kind::deleted, "a", 5));
  EXPECT_EQ(cache.credit_bytes(), 50u + 101u + 50u);
  for (const auto* topic : {"a", "b", "c"}) cache.forget(topic);
  EXPECT_EQ(cache.values() + cache.znodes() + cache.credit_bytes() + cache.value_bytes(), 0u);
}

TEST(RetainedCache, RemovalDoesNotTouchWhatCameLater) {
  RetainedCache cache;
  cache.put(value("a", "again", 8));
  cache.remove("a", 7);
  EXPECT_THAT(read(cache, "a"), ElementsAre("a=again"));
  cache.remove("a", 9);
  EXPECT_THAT(read(cache, "a"), IsEmpty());
  cache.remove("unknown", 9);
}

std::vector<std::string> due(const RetainedCache& cache, core::ClusterMilliseconds now, std::size_t count_max) {
  std::vector<std::string> topics;
  for (const auto* entry : cache.due(now, count_max)) topics.push_back(entry->topic);
  return topics;
}

TEST(RetainedCache, DeletedAndExpiredOnesAreDue) {
  RetainedCache cache;
  cache.put(value("late", "x", 1, 2'000));
  cache.put(value("early", "x", 2, 1'000));
  cache.put(value("ever", "x", 3));
  cache.put(of_kind(Kind::deleted, "deleted", 4));
  cache.put(of_kind(Kind::unreadable, "unreadable", 5));
  EXPECT_THAT(due(cache, 500, 9), ElementsAre("deleted"));
  EXPECT_THAT(due(cache, 1'000, 9), ElementsAre("deleted", "early"));
  EXPECT_THAT(due(cache, 5'000, 2), ElementsAre("deleted", "early"));
  cache.put(value("early", "y", 6));
  cache.put(value("deleted", "y", 7));
  EXPECT_THAT(due(cache, 5'000, 9), ElementsAre("late"));
}

TEST(RetainedCache, ValuesOfTheBrokerItselfStayApart) {
  RetainedCache cache;
  auto own = value("$SYS/x", "1", 0, 5);
  own.local = true;
  own.credit_bytes = 0;
  cache.put(own);
  EXPECT_THAT(read(cache, "$SYS/#"), ElementsAre("$SYS/x=1"));
  EXPECT_THAT(due(cache, 1'000, 9), IsEmpty());
  EXPECT_FALSE(cache.put(value("$SYS/x", "from elsewhere", 9)));
  cache.remove("$SYS/x", 10);
  cache.begin_generation();
  cache.drop_older_generations();
  EXPECT_THAT(read(cache, "$SYS/x"), ElementsAre("$SYS/x=1"));
  EXPECT_EQ(cache.znodes(), 0u);
  EXPECT_EQ(cache.local_values(), 1u);
}

TEST(RetainedCache, ALoadForgetsWhatItDoesNotSee) {
  RetainedCache cache;
  cache.put(value("a", "x", 1));
  cache.put(value("b", "x", 2));
  cache.put(value("c", "x", 3));
  cache.begin_generation();
  cache.put(value("a", "x", 1));  // unchanged
  cache.put(value("c", "older", 2));
  cache.put(value("d", "x", 4));
  cache.drop_older_generations();
  EXPECT_THAT(read(cache, "#"), ElementsAre("a=x", "c=x", "d=x"));
}

}  // namespace
}  // namespace mqttzoo::cluster
