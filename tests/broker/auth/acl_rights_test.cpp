#include "broker/auth/acl_rights.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace mqttzoo::auth {
namespace {

AclRights rights(const std::string& file, std::optional<std::string_view> user_name = std::nullopt,
                 std::string_view client_id = "device-7") {
  return {std::make_shared<AclFile>(AclFile::parse(file, "acl")), client_id, user_name};
}

using Topics = std::initializer_list<std::string_view>;

void expect_receive(const AclRights& r, Topics granted, Topics denied) {
  for (const auto topic : granted) EXPECT_TRUE(r.may_receive(topic)) << topic;
  for (const auto topic : denied) EXPECT_FALSE(r.may_receive(topic)) << topic;
}

void expect_publish(const AclRights& r, Topics granted, Topics denied) {
  for (const auto topic : granted) EXPECT_TRUE(r.may_publish(topic)) << topic;
  for (const auto topic : denied) EXPECT_FALSE(r.may_publish(topic)) << topic;
}

void expect_subscribe(const AclRights& r, Topics granted, Topics denied) {
  for (const auto filter : granted) EXPECT_TRUE(r.may_subscribe(filter)) << filter;
  for (const auto filter : denied) EXPECT_FALSE(r.may_subscribe(filter)) << filter;
}

TEST(AclRights, What_is_not_granted_is_denied) {
  const AclRights nothing = rights("");
  expect_publish(nothing, {}, {"a"});
  expect_receive(nothing, {}, {"a"});
  expect_subscribe(nothing, {}, {"a", "#"});
}

TEST(AclRights, Read_and_write_are_two_things) {
  const AclRights r = rights("topic read in/#\ntopic write out/#\ntopic both/#\n");
  expect_receive(r, {"in/a", "both/a"}, {"out/a"});
  expect_publish(r, {"out/a", "both/a"}, {"in/a"});
  expect_subscribe(r, {"in/+"}, {"out/+"});
}

TEST(AclRights, Deny_comes_first_wherever_it_stands) {
  for (const char* file : {"topic home/#\ntopic deny home/safe/#\n", "topic deny home/safe/#\ntopic home/#\n"}) {
    const AclRights r = rights(file);
    expect_receive(r, {"home/door"}, {"home/safe"});
    expect_publish(r, {}, {"home/safe/code"});
    // What may not be read is left out of what home/# gives.
    expect_subscribe(r, {"home/#"}, {"home/safe/+", "home/safe"});
  }
}

TEST(AclRights, Users_have_their_own_lines_only) {
  const std::string file = "topic read a\nuser ann\ntopic read b\nuser bob\ntopic read c\n";
  expect_receive(rights(file), {"a"}, {"b"});
  expect_receive(rights(file, "ann"), {"b"}, {"a", "c"});
  expect_receive(rights(file, "eve"), {}, {"a"});
  EXPECT_FALSE(rights(file, "").may_receive("a")) << "an empty user name is a name";
}

TEST(AclRights, Patterns_hold_the_names_of_the_client) {
  const std::string file = "pattern write dev/%c/up\npattern read user/%u/#\npattern both-%c-%u-%c\n";
  const AclRights ann = rights(file, "ann");
  expect_publish(ann, {"dev/device-7/up"}, {"dev/device-8/up"});
  expect_receive(ann, {"user/ann/x", "both-device-7-ann-device-7"}, {"user/bob/x"});
  expect_subscribe(ann, {"+/ann/+"}, {"user/bob/#"});
  const AclRights anonymous = rights(file);
  EXPECT_TRUE(anonymous.may_publish("dev/device-7/up"));
  EXPECT_FALSE(anonymous.may_receive("user//x")) << "patterns with %u are for those who have a user name";
}

TEST(AclRights, A_name_is_not_filled_in_again) {
  expect_receive(rights("pattern read %c/%u\n", "%c", "%u"), {"%u/%c"}, {"%u/%u"});
}

TEST(AclRights, Names_with_wildcards_get_nothing_from_patterns) {
  const std::string file = "pattern read dev/%c/#\npattern read user/%u\npattern read all\nuser a+b\ntopic read own\n";
  for (const char* client_id : {"+", "#", "a/#", "x+"}) {
    const AclRights r = rights(file, std::nullopt, client_id);
    EXPECT_FALSE(r.may_receive("dev/other/secret")) << client_id;
    EXPECT_FALSE(r.may_receive("all")) << client_id;
    EXPECT_FALSE(r.may_subscribe("#")) << client_id;
  }
  const AclRights user = rights(file, "a+b");
  EXPECT_FALSE(user.may_receive("all"));
  EXPECT_TRUE(user.may_receive("own"));
}

TEST(AclRights, Own_lines_come_before_patterns) {
  const std::string file = "user ann\ntopic read a\ntopic deny b\npattern deny a\npattern read b\npattern read c\n";
  expect_receive(rights(file, "ann"), {"a", "c"}, {"b"});
  expect_receive(rights(file, "bob"), {"b"}, {"a"});
}

TEST(AclRights, Denying_patterns_come_before_granting_ones) {
  const AclRights r = rights("pattern read dev/%c/#\npattern deny dev/+/key\n");
  expect_receive(r, {"dev/device-7/x"}, {"dev/device-7/key"});
  expect_subscribe(r, {"dev/device-7/+"}, {"dev/+/key"});
  expect_receive(rights("pattern read dev/#\npattern deny dev/%c/key\n"), {"dev/device-8/key"}, {"dev/device-7/key"});
}

TEST(AclRights, What_begins_with_a_dollar_must_be_named) {
  const AclRights all = rights("topic read #\npattern read +/%c/#\n");
  expect_receive(all, {}, {"$SYS/broker/uptime", "$SYS/device-7/x"});
  expect_subscribe(all, {}, {"$SYS/#"});
  EXPECT_TRUE(rights("topic read $SYS/#\n").may_receive("$SYS/broker/uptime"));
  EXPECT_TRUE(rights("pattern read $SYS/%c/#\n").may_receive("$SYS/device-7/x"));
  EXPECT_FALSE(rights("pattern read %c/#\n", std::nullopt, "$SYS").may_receive("$SYS/broker/uptime"));
}

TEST(AclRights, Who_may_receive_may_subscribe) {
  expect_subscribe(rights("topic read a/b\ntopic deny a/c\npattern read x/%c\n"),
                   {"a/b", "a/+", "+/b", "a/#", "#", "+/+", "x/+", "x/#", "a/b/#"},
                   {"a/c", "a/b/+", "b/#", "x/device-8", "+"});
}

TEST(AclAuthorizer, Rights_outlive_their_authorizer) {
  std::shared_ptr<const core::Rights> r;
  {
    const AclAuthorizer authorizer(std::make_shared<AclFile>(AclFile::parse("user u\ntopic read a\n", "acl")));
    r = authorizer.rights_of("c", "u");
  }
  EXPECT_TRUE(r->may_receive("a"));
  EXPECT_EQ(core::OpenAuthorizer().rights_of("c", "u"), nullptr);
}

}  // namespace
}  // namespace mqttzoo::auth
