#include "broker/cluster/view/fences.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mqttzoo::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Incarnation x{"x", 7};
const auto nobody = [](const Incarnation&) { return false; };
const auto everybody = [](const Incarnation&) { return true; };

TEST(Fences, EndAfterTheLeaseAndATenth) {
  Fences fences(3300);
  fences.removed(x, 5);
  EXPECT_THAT(fences.step(1000), IsEmpty());
  EXPECT_THAT(fences.step(4299), IsEmpty());
  EXPECT_THAT(fences.pending(), ElementsAre(x));
  EXPECT_THAT(fences.step(4300), ElementsAre(x));
  EXPECT_THAT(fences.pending(), IsEmpty());
  EXPECT_THAT(fences.over(), ElementsAre(x));
  EXPECT_THAT(fences.step(9999), IsEmpty()) << "it ends once";
}

TEST(Fences, BeginWhenTheRemovalIsSeenNotAgainWithEachView) {
  Fences fences(3300);
  fences.removed(x, 5);
  fences.step(1000);
  fences.removed(x, 5);
  EXPECT_THAT(fences.step(4300), ElementsAre(x));
}

TEST(Fences, EndAtOnceForWhoSaidLeft) {
  Fences fences(3300);
  fences.removed(x, 5);
  fences.step(1000);
  fences.left(x);
  EXPECT_THAT(fences.step(1001), ElementsAre(x));
}

TEST(Fences, LeftMayComeBeforeTheRemoval) {
  Fences fences(3300);
  fences.left(x);
  fences.removed(x, 5);
  EXPECT_THAT(fences.step(1000), ElementsAre(x));
}

TEST(Fences, EndAtOnceWhereTheEphemeralIsGone) {
  Fences fences(3300);
  fences.removed(x, 5);
  fences.listed(5, everybody);
  EXPECT_THAT(fences.step(1000), IsEmpty());
  fences.listed(5, nobody);
  EXPECT_THAT(fences.step(1001), ElementsAre(x));
}

// x may have registered again and won a lease between an older listing and its removal.
TEST(Fences, AListingFromBeforeTheRemovalProvesNothing) {
  Fences fences(3300);
  fences.removed(x, 5);
  fences.listed(4, nobody);
  EXPECT_THAT(fences.step(1000), IsEmpty());
}

TEST(Fences, AreForgottenWithTheView) {
  Fences fences(3300);
  View listing{.number = 6, .members = {}, .primaries = {}, .removed = {{x, 5, {}}}};
  View silent{.number = 7, .members = {}, .primaries = {}, .removed = {}};
  fences.removed(x, 5);
  fences.step(1000);
  fences.keep_only(silent);
  EXPECT_THAT(fences.pending(), ElementsAre(x)) << "not while it may act";
  fences.step(5000);
  fences.keep_only(listing);
  EXPECT_TRUE(fences.is_over(x));
  fences.keep_only(silent);
  EXPECT_THAT(fences.over(), IsEmpty());
}

TEST(Fences, KnowTheirAge) {
  Fences fences(3300);
  fences.removed(x, 5);
  fences.step(1000);
  EXPECT_FALSE(fences.is_older_than(x, 100, 2000)) << "it is not over";
  fences.step(4300);
  EXPECT_FALSE(fences.is_older_than(x, 9900, 10'899));
  EXPECT_TRUE(fences.is_older_than(x, 9900, 10'900));
}

}  // namespace
}  // namespace mqttzoo::cluster
