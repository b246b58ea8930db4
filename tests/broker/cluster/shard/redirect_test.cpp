#include <gmock/gmock.h>

#include "tests/broker/cluster/shard/sessions.hpp"

// v5 4.11: clients that are better served at the home of their session.
namespace mqttzoo::test {
namespace {

using mqtt::ReasonCode;

class Redirect : public Sessions {
 protected:
  static auto through(std::uint16_t listener) {
    return [listener](core::Registration& registration) {
      persistent(registration);
      registration.redirect_listener = listener;
    };
  }
  bool is_redirected(TestShard& frontend, std::uint64_t serial) const {
    return frontend.core.registered_reasons.contains(serial) &&
           frontend.core.registered_reasons.at(serial) == ReasonCode::use_another_server;
  }
};

TEST_F(Redirect, GoesToTheSameListenerOfTheHome) {
  const auto first = a().connect("me", {}, 0, through(0));
  const auto second = b().connect("me", {}, 0, through(1));
  EXPECT_TRUE(is_redirected(a(), first)) << "at once";
  EXPECT_EQ(a().core.server_references.at(first), "C:1883");
  EXPECT_EQ(b().core.server_references.at(second), "C:8883");
  EXPECT_EQ(a().counters.redirected.get(), 1u);
  EXPECT_EQ(a().router.next_deadline(), cluster::ShardRouter::no_deadline) << "nothing of it is kept";
}

TEST_F(Redirect, EndsAtTheHome) {
  const auto serial = c().connect("me", {}, 0, through(0));
  zoo.settle();
  EXPECT_TRUE(c().core.admitted(serial));
}

TEST_F(Redirect, NeedsAnAddressAndAHomeThatCanBeReached) {
  const auto no_such_listener = a().connect("me", {}, 0, through(4));
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(no_such_listener)) << "served here";
  const auto not_told = b().connect("you", {}, 0, through(3));
  zoo.settle();
  EXPECT_TRUE(b().core.admitted(not_told));
  zoo.links.cut("A", "C");
  zoo.settle();
  const auto unreachable = a().connect("she", {}, 0, through(0));
  EXPECT_FALSE(is_redirected(a(), unreachable)) << "where nobody may be any more";
}

TEST_F(Redirect, WaitsForAViewThatActsAndALease) {
  const cluster::SharedView next = zoo.next_view({"A", "B", "C"}, "B");
  zoo.enter("A", next);
  zoo.settle();
  const auto between = a().connect("me", {}, 0, through(0));
  EXPECT_FALSE(is_redirected(a(), between));
  for (const char* const name : {"B", "C"}) zoo.enter(name, next);
  zoo.settle();
  for (const char* const name : {"A", "B", "C"}) zoo.act(name, next);
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(between)) << "who has waited is served here";
  zoo["A"].lease.end();
  zoo.advance(10);
  const auto cut_off = a().connect("you", {}, 0, through(0));
  EXPECT_FALSE(is_redirected(a(), cut_off)) << "it does not know who is home by now";
}

}  // namespace
}  // namespace mqttzoo::test
