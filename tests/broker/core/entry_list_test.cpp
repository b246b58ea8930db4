#include "broker/core/entry_list.hpp"

#include <gtest/gtest.h>

#include <map>

namespace mqttzoo::core {
namespace {

TEST(EntryList, TellsANewKeyFromAReplacedOne) {
  EntryList<int, char> list;
  EXPECT_TRUE(list.insert_or_assign(1, 'a'));
  EXPECT_FALSE(list.insert_or_assign(1, 'b'));
  EXPECT_EQ(*list.find(1), 'b');
  EXPECT_EQ(list.find(2), nullptr);
  EXPECT_FALSE(list.erase(2));
  EXPECT_TRUE(list.erase(1));
  EXPECT_TRUE(list.empty());
}

// Over the size at which an index is built and dropped again.
TEST(EntryList, AgreesWithAMapAtEverySize) {
  EntryList<int, int> list;
  std::map<int, int> model;
  const auto check = [&] {
    ASSERT_EQ(list.size(), model.size());
    for (const auto& [key, value] : model) ASSERT_EQ(*list.find(key), value);
    for (const auto& [key, value] : list) ASSERT_EQ(model.at(key), value);
  };
  for (int i = 0; i < 100; ++i) {
    list.insert_or_assign(i * 7 % 101, i);
    model[i * 7 % 101] = i;
    check();
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(list.erase(i * 13 % 101) == (model.erase(i * 13 % 101) == 1));
    check();
  }
}

}  // namespace
}  // namespace mqttzoo::core
