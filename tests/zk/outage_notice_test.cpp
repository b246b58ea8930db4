#include "zk/outage_notice.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::zk {
namespace {

TEST(OutageNotice, ComesOnceAnOutageHasLasted) {
  OutageNotice notice(1'000, 30'000);
  notice.begin(5'000);
  EXPECT_EQ(notice.due_in_ms(5'000), 1'000);
  EXPECT_EQ(notice.take(5'999), std::nullopt);
  EXPECT_EQ(notice.take(6'000), 1'000);
}

TEST(OutageNotice, IsNotRepeatedBeforeTheInterval) {
  OutageNotice notice(1'000, 30'000);
  notice.begin(0);
  ASSERT_EQ(notice.take(1'000), 1'000);
  notice.begin(2'000);  // another failed attempt of the same outage
  EXPECT_EQ(notice.take(30'999), std::nullopt);
  EXPECT_EQ(notice.take(31'000), 31'000);
}

TEST(OutageNotice, AConnectionThatComesAndGoesDoesNotMakeItMoreFrequent) {
  OutageNotice notice(1'000, 30'000);
  notice.begin(0);
  ASSERT_EQ(notice.take(1'000), 1'000);
  notice.end();
  notice.begin(3'000);
  EXPECT_EQ(notice.take(4'000), std::nullopt);
  EXPECT_EQ(notice.due_in_ms(4'000), 27'000);
  EXPECT_EQ(notice.take(31'000), 28'000);
}

TEST(OutageNotice, NothingIsDueWithoutAnOutage) {
  OutageNotice notice(1'000, 30'000);
  EXPECT_EQ(notice.due_in_ms(100'000), std::nullopt);
  notice.begin(0);
  notice.end();
  EXPECT_EQ(notice.due_in_ms(100'000), std::nullopt);
  EXPECT_EQ(notice.take(100'000), std::nullopt);
}

}  // namespace
}  // namespace mqttzoo::zk
