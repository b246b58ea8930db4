#include "broker/auth/acl_rights.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::auth {
namespace {

AclRights rights(const std::string& file, std::optional<std::string_view> user_name = std::nullopt,
                 std::string_view client_id = "device-7") {
  return {std::make_shared<AclFile>(AclFile::parse(file, "acl")), client_id, user_name};
}

TEST(AclRights, What_is_not_granted_is_denied) {
  const AclRights nothing = rights("");
  EXPECT_FALSE(nothing.may_publish("a"));
  EXPECT_FALSE(nothing.may_receive("a"));
  EXPECT_FALSE(nothing.may_subscribe("a"));
  EXPECT_FALSE(nothing.may_subscribe("#"));
}

TEST(AclRights, Read_and_write_are_two_things) {
  const AclRights r = rights("topic read in/#\ntopic write out/#\ntopic both/#\n");
  EXPECT_TRUE(r.may_receive("in/a"));
  EXPECT_FALSE(r.may_publish("in/a"));
  EXPECT_TRUE(r.may_publish("out/a"));
  EXPECT_FALSE(r.may_receive("out/a"));
  EXPECT_TRUE(r.may_publish("both/a"));
  EXPECT_TRUE(r.may_receive("both/a"));
  EXPECT_TRUE(r.may_subscribe("in/+"));
  EXPECT_FALSE(r.may_subscribe("out/+"));
}

TEST(AclRights, Deny_comes_first_wherever_it_stands) {
  for (const char* file : {"topic home/#\ntopic deny home/safe/#\n", "topic deny home/safe/#\ntopic home/#\n"}) {
    const AclRights r = rights(file);
    EXPECT_TRUE(r.may_receive("home/door"));
    EXPECT_FALSE(r.may_receive("home/safe"));
    EXPECT_FALSE(r.may_publish("home/safe/code"));
    EXPECT_TRUE(r.may_subscribe("home/#")) << "what may not be read is left out";
    EXPECT_FALSE(r.may_subscribe("home/safe/+"));
    EXPECT_FALSE(r.may_subscribe("home/safe"));
  }
}

TEST(AclRights, Users_have_their_own_lines_only) {
  const std::string file = "topic read a\nuser ann\ntopic read b\nuser bob\ntopic read c\n";
  EXPECT_TRUE(rights(file).may_receive("a"));
  EXPECT_FALSE(rights(file).may_receive("b"));
  EXPECT_TRUE(rights(file, "ann").may_receive("b"));
  EXPECT_FALSE(rights(file, "ann").may_receive("a"));
  EXPECT_FALSE(rights(file, "ann").may_receive("c"));
  EXPECT_FALSE(rights(file, "eve").may_receive("a"));
  EXPECT_FALSE(rights(file, "").may_receive("a")) << "an empty user name is a name";
}

TEST(AclRights, Patterns_hold_the_names_of_the_client) {
  const std::string file = "pattern write dev/%c/up\npattern read user/%u/#\npattern both-%c-%u-%c\n";
  const AclRights ann = rights(file, "ann");
  EXPECT_TRUE(ann.may_publish("dev/device-7/up"));
  EXPECT_FALSE(ann.may_publish("dev/device-8/up"));
  EXPECT_TRUE(ann.may_receive("user/ann/x"));
  EXPECT_FALSE(ann.may_receive("user/bob/x"));
  EXPECT_TRUE(ann.may_receive("both-device-7-ann-device-7"));
  EXPECT_TRUE(ann.may_subscribe("+/ann/+"));
  EXPECT_FALSE(ann.may_subscribe("user/bob/#"));
  const AclRights anonymous = rights(file);
  EXPECT_TRUE(anonymous.may_publish("dev/device-7/up"));
  EXPECT_FALSE(anonymous.may_receive("user//x")) << "patterns with %u are for those who have a user name";
}

TEST(AclRights, A_name_is_not_filled_in_again) {
  const AclRights r = rights("pattern read %c/%u\n", "%c", "%u");
  EXPECT_TRUE(r.may_receive("%u/%c"));
  EXPECT_FALSE(r.may_receive("%u/%u"));
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
  const AclRights r = rights(file, "ann");
  EXPECT_TRUE(r.may_receive("a"));
  EXPECT_FALSE(r.may_receive("b"));
  EXPECT_TRUE(r.may_receive("c"));
  EXPECT_FALSE(rights(file, "bob").may_receive("a"));
  EXPECT_TRUE(rights(file, "bob").may_receive("b"));
}

TEST(AclRights, Denying_patterns_come_before_granting_ones) {
  const AclRights r = rights("pattern read dev/%c/#\npattern deny dev/+/key\n");
  EXPECT_TRUE(r.may_receive("dev/device-7/x"));
  EXPECT_FALSE(r.may_receive("dev/device-7/key"));
  EXPECT_TRUE(r.may_subscribe("dev/device-7/+"));
  EXPECT_FALSE(r.may_subscribe("dev/+/key"));
  const AclRights other = rights("pattern read dev/#\npattern deny dev/%c/key\n");
  EXPECT_FALSE(other.may_receive("dev/device-7/key"));
  EXPECT_TRUE(other.may_receive("dev/device-8/key"));
}

TEST(AclRights, What_begins_with_a_dollar_must_be_named) {
  const AclRights all = rights("topic read #\npattern read +/%c/#\n");
  EXPECT_FALSE(all.may_receive("$SYS/broker/uptime"));
  EXPECT_FALSE(all.may_receive("$SYS/device-7/x"));
  EXPECT_FALSE(all.may_subscribe("$SYS/#"));
  EXPECT_TRUE(rights("topic read $SYS/#\n").may_receive("$SYS/broker/uptime"));
  EXPECT_TRUE(rights("pattern read $SYS/%c/#\n").may_receive("$SYS/device-7/x"));
  EXPECT_FALSE(rights("pattern read %c/#\n", std::nullopt, "$SYS").may_receive("$SYS/broker/uptime"));
}

TEST(AclRights, Who_may_receive_may_subscribe) {
  const AclRights r = rights("topic read a/b\ntopic deny a/c\npattern read x/%c\n");
  for (const char* filter : {"a/b", "a/+", "+/b", "a/#", "#", "+/+", "x/+", "x/#", "a/b/#"}) {
    EXPECT_TRUE(r.may_subscribe(filter)) << filter;
  }
  for (const char* filter : {"a/c", "a/b/+", "b/#", "x/device-8", "+"}) EXPECT_FALSE(r.may_subscribe(filter)) << filter;
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
