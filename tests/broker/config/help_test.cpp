#include "broker/config/help.hpp"

#include <gmock/gmock.h>

#include "broker/config/keys.hpp"

namespace mqttzoo::config {
namespace {

TEST(Help, Names_every_key_once_and_stays_in_its_width) {
  const std::string page = help_page();
  for (const KeyGroup& group : key_groups()) {
    EXPECT_THAT(page, testing::HasSubstr("\n" + std::string(group.title) + "\n"));
    for (const Key& key : group.keys) {
      const std::string name = key.only_in_file() ? std::string(key.name) : option_name(key);
      const std::string entry = "\n  " + name + ' ' + std::string(key.value);
      const auto found = page.find(entry);
      EXPECT_NE(found, std::string::npos) << name;
      EXPECT_EQ(page.find(entry, found + 1), std::string::npos) << name;
    }
  }
  std::size_t line_begin = 0;
  for (std::size_t end; (end = page.find('\n', line_begin)) != std::string::npos; line_begin = end + 1) {
    EXPECT_LE(end - line_begin, 110U) << page.substr(line_begin, end - line_begin);
  }
}

}  // namespace
}  // namespace mqttzoo::config
