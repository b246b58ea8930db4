#include "broker/auth/acl_rules.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::auth {
namespace {

TEST(AclRules, All_that_matches_is_said) {
  AclRules rules;
  EXPECT_TRUE(rules.empty());
  rules.add("a/+", access_read);
  rules.add("a/b", access_write);
  rules.add("a/#", access_deny);
  rules.add("a/b", access_write);
  EXPECT_FALSE(rules.empty());
  EXPECT_EQ(rules.said_of("a/b"), access_read | access_write | access_deny);
  EXPECT_EQ(rules.said_of("a/c"), access_read | access_deny);
  EXPECT_EQ(rules.said_of("a"), access_deny);
  EXPECT_EQ(rules.said_of("b"), 0);
}

TEST(AclRules, The_same_topic_with_several_rights) {
  AclRules rules;
  rules.add("a", access_read);
  rules.add("a", access_write);
  EXPECT_EQ(rules.said_of("a"), access_read | access_write);
}

TEST(AclRules, Deny_wins) {
  EXPECT_EQ(verdict_of(0, access_read), Verdict::unsaid);
  EXPECT_EQ(verdict_of(access_write, access_read), Verdict::unsaid);
  EXPECT_EQ(verdict_of(access_read | access_write, access_read), Verdict::granted);
  EXPECT_EQ(verdict_of(access_read | access_deny, access_read), Verdict::denied);
  EXPECT_EQ(verdict_of(access_deny, access_write), Verdict::denied);
}

TEST(AclRules, A_subscription_needs_something_to_read) {
  AclRules rules;
  rules.add("a/+/c", access_read);
  rules.add("w/#", access_write);
  rules.add("a/x/#", access_deny);
  EXPECT_EQ(verdict_of_subscription(rules.list(), "a/#"), Verdict::granted);
  EXPECT_EQ(verdict_of_subscription(rules.list(), "#"), Verdict::granted);
  EXPECT_EQ(verdict_of_subscription(rules.list(), "a/+/+"), Verdict::granted);
  EXPECT_EQ(verdict_of_subscription(rules.list(), "a/+/d"), Verdict::unsaid);
  EXPECT_EQ(verdict_of_subscription(rules.list(), "w/#"), Verdict::unsaid);
  EXPECT_EQ(verdict_of_subscription(rules.list(), "a/x/+"), Verdict::denied);
  EXPECT_EQ(verdict_of_subscription(rules.list(), "a/+"), Verdict::unsaid);
}

}  // namespace
}  // namespace mqttzoo::auth
