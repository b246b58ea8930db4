#include "broker/core/work_list.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::core {
namespace {

struct Thing {
  WorkSlot slot;
};
using List = WorkList<Thing, &Thing::slot>;

TEST(WorkList, EachOnceFirstComeFirstServed) {
  List list;
  Thing a, b;
  list.add(a);
  list.add(b);
  list.add(a);
  EXPECT_EQ(list.take(), &a);
  EXPECT_EQ(list.take(), &b);
  EXPECT_EQ(list.take(), nullptr);
}

TEST(WorkList, ChangesWhileItIsTaken) {
  List list;
  Thing a, b, c;
  list.add(a);
  list.add(b);
  list.add(c);
  EXPECT_EQ(list.take(), &a);
  list.remove(b);
  list.remove(b);
  list.add(a);
  EXPECT_EQ(list.take(), &c);
  EXPECT_EQ(list.take(), &a);
  EXPECT_EQ(list.take(), nullptr);
  list.add(b);
  EXPECT_EQ(list.take(), &b);
}

}  // namespace
}  // namespace mqttzoo::core
