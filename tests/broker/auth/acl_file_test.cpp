#include "broker/auth/acl_file.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::auth {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& text) {
  try {
    (void)AclFile::parse(text, "acl");
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

TEST(AclFile, Sections) {
  const AclFile file = AclFile::parse(
      "# rights\n"
      "topic read news/#\n"
      "pattern write log/%c\n"
      "user ann\n"
      "topic home/#\n"
      "topic deny home/safe\n"
      "user bob the builder\n"
      "user ann\n"
      "topic read $SYS/#\n"
      "pattern read all/#\n",
      "acl");
  EXPECT_TRUE(file.names_users());
  EXPECT_EQ(file.rules_of(std::nullopt)->said_of("news/a"), access_read);
  EXPECT_EQ(file.rules_of(std::nullopt)->said_of("home/a"), 0);
  EXPECT_EQ(file.rules_of("ann")->said_of("home/a"), access_read | access_write);
  EXPECT_EQ(file.rules_of("ann")->said_of("home/safe"), access_read | access_write | access_deny);
  EXPECT_EQ(file.rules_of("ann")->said_of("$SYS/broker/uptime"), access_read);
  EXPECT_EQ(file.rules_of("ann")->said_of("news/a"), 0) << "those lines are for clients without a user name";
  EXPECT_TRUE(file.rules_of("bob the builder")->empty());
  EXPECT_EQ(file.rules_of("bob"), nullptr);
  EXPECT_EQ(file.rules_of(""), nullptr);
  EXPECT_EQ(file.rules_of_all().said_of("all/x"), access_read) << "patterns are for all, wherever they stand";
  ASSERT_EQ(file.patterns().size(), 1u);
  EXPECT_EQ(file.patterns()[0].rule.filter, "log/%c");
  EXPECT_EQ(file.patterns()[0].rule.access, access_write);
  EXPECT_FALSE(file.patterns()[0].names_user);
}

TEST(AclFile, An_empty_file_says_nothing) {
  const AclFile file = AclFile::parse("\n# nothing\n", "acl");
  EXPECT_TRUE(file.rules_of(std::nullopt)->empty());
  EXPECT_FALSE(file.names_users());
  EXPECT_FALSE(file.has_patterns());
}

TEST(AclFile, Topics_with_spaces_and_topics_that_look_like_rights) {
  const AclFile file = AclFile::parse("topic readwrite  a b/c d\ntopic read\n\ttopic\twrite\tx\r\n", "acl");
  EXPECT_EQ(file.rules_of(std::nullopt)->said_of("a b/c d"), access_read | access_write);
  EXPECT_EQ(file.rules_of(std::nullopt)->said_of("read"), access_read | access_write);
  EXPECT_EQ(file.rules_of(std::nullopt)->said_of("x"), access_write);
}

TEST(AclFile, Malformed) {
  EXPECT_EQ(error_of("topic read a\ntopic\n"), "acl:2: the topic is missing");
  EXPECT_EQ(error_of("pattern"), "acl:1: the topic is missing");
  EXPECT_EQ(error_of("user"), "acl:1: the user name is missing");
  EXPECT_EQ(error_of("topics a"), "acl:1: the line does not begin with topic, user or pattern");
  EXPECT_EQ(error_of("Topic a"), "acl:1: the line does not begin with topic, user or pattern");
  EXPECT_THAT(error_of("topic a b"), HasSubstr("acl:1: \"a\" is not read, write, readwrite or deny"));
  EXPECT_THAT(error_of("topic Read b"), HasSubstr("\"Read\" is not"));
  for (const char* filter : {"a#", "#/a", "a/+b", "+a", "a/#/b", "sensor+%c"}) {
    EXPECT_EQ(error_of(std::string("topic read ") + filter), "acl:1: the topic is not a valid Topic Filter") << filter;
    EXPECT_EQ(error_of(std::string("pattern ") + filter), "acl:1: the topic is not a valid Topic Filter") << filter;
  }
  EXPECT_THAT(error_of("user " + std::string(user_name_bytes_max + 1, 'u')), HasSubstr("longer than 65535"));
  EXPECT_EQ(error_of("topic read " + std::string(65'535, 't')), "none");
  EXPECT_THAT(error_of("topic read " + std::string(65'536, 't')), HasSubstr("not a valid"));
  EXPECT_EQ(error_of("topic read " + std::string(999, '/')), "none");
  EXPECT_THAT(error_of("topic read " + std::string(1000, '/')), HasSubstr("not a valid"));
}

}  // namespace
}  // namespace mqttzoo::auth
