#include "broker/auth/user_lines.hpp"

#include <gtest/gtest.h>

#include "broker/auth/text_file.hpp"
#include "broker/auth/user_name.hpp"

namespace mqttzoo::auth {
namespace {

TEST(UserLines, A_new_user_goes_to_the_end) {
  EXPECT_EQ(with_user("", "ann", "1"), "ann:1\n");
  EXPECT_EQ(with_user("# c\nbob:2\n", "ann", "1"), "# c\nbob:2\nann:1\n");
  EXPECT_EQ(with_user("bob:2", "ann", "1"), "bob:2\nann:1\n");
}

TEST(UserLines, A_known_user_keeps_the_place) {
  EXPECT_EQ(with_user("a:1\nb:2\nc:3\n", "b", "new"), "a:1\nb:new\nc:3\n");
  EXPECT_EQ(with_user("a:1\n b : 2", "b", "new"), "a:1\nb:new\n");
  EXPECT_EQ(with_user("ab:1\n", "a", "2"), "ab:1\na:2\n");
  EXPECT_EQ(with_user("#a:1\n", "a", "2"), "#a:1\na:2\n");
}

TEST(UserLines, A_user_is_taken_out) {
  EXPECT_EQ(without_user("a:1\nb:2\nc:3\n", "b"), "a:1\nc:3\n");
  EXPECT_EQ(without_user("a:1\nb:2", "b"), "a:1\n");
  EXPECT_EQ(without_user("a:1\n", "b"), "a:1\n");
  EXPECT_TRUE(has_user("a:1\nb:2", "b"));
  EXPECT_FALSE(has_user("a:1\nb:2", "c"));
  EXPECT_FALSE(has_user("", "c"));
}

TEST(UserLines, Names_that_no_line_can_hold) {
  const std::string longest(user_name_bytes_max, 'n');
  for (const std::string& name : {std::string("a"), std::string("a b"), std::string("ä#"), longest}) {
    EXPECT_NO_THROW(check_user_name(name));
  }
  for (const std::string& name :
       {std::string(), std::string("a:b"), std::string("#a"), std::string(" a"), std::string("a "), std::string("a\nb"),
        std::string("a\tb"), std::string("\xff"), std::string("\x7f"), longest + 'n'}) {
    EXPECT_THROW(check_user_name(name), BadLine) << name.substr(0, 10);
  }
}

}  // namespace
}  // namespace mqttzoo::auth
