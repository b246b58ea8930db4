#include "broker/core/deadline_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace mqttzoo::core {
namespace {

struct Thing {
  DeadlineSlot slot;
};
using Queue = DeadlineQueue<Thing, &Thing::slot>;

TEST(DeadlineQueue, GivesWhatIsDueInOrder) {
  Queue queue;
  Thing a, b, c;
  queue.schedule(a, 30);
  queue.schedule(b, 10);
  queue.schedule(c, 20);
  EXPECT_EQ(queue.next(), 10);
  EXPECT_EQ(queue.pop_due(9), nullptr);
  EXPECT_EQ(queue.pop_due(20), &b);
  EXPECT_FALSE(b.slot.scheduled());
  EXPECT_EQ(queue.pop_due(20), &c);
  EXPECT_EQ(queue.pop_due(20), nullptr);
  EXPECT_EQ(queue.next(), 30);
}

TEST(DeadlineQueue, MovesAndCancels) {
  Queue queue;
  Thing a, b;
  queue.schedule(a, 10);
  queue.schedule(b, 20);
  queue.schedule(a, 30);
  EXPECT_EQ(queue.next(), 20);
  queue.cancel(b);
  queue.cancel(b);
  EXPECT_EQ(queue.next(), 30);
  queue.schedule(a, 5);
  EXPECT_EQ(queue.next(), 5);
  queue.cancel(a);
  EXPECT_TRUE(queue.empty());
}

TEST(DeadlineQueue, AgreesWithASortedModel) {
  std::mt19937 random(7);
  Queue queue;
  std::vector<Thing> things(200);
  std::map<Thing*, Milliseconds> model;
  Milliseconds now = 0;
  for (int round = 0; round < 5000; ++round) {
    Thing& thing = things[random() % things.size()];
    if (random() % 4 == 0) {
      queue.cancel(thing);
      model.erase(&thing);
    } else {
      const Milliseconds when = now + static_cast<Milliseconds>(random() % 1000);
      queue.schedule(thing, when);
      model[&thing] = when;
    }
    now += static_cast<Milliseconds>(random() % 10);
    while (Thing* const due = queue.pop_due(now)) {
      ASSERT_LE(model.at(due), now);
      model.erase(due);
    }
    ASSERT_EQ(queue.size(), model.size());
    for (const auto& [object, when] : model) {
      ASSERT_GT(when, now);
      ASSERT_GE(when, queue.next());
    }
  }
}

}  // namespace
}  // namespace mqttzoo::core
