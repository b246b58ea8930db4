#include "broker/cluster/retained/bank.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::cluster {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

TEST(Bank, AValueCostsItsBytesItsNameAndAZnode) {
  EXPECT_EQ(credit_bytes("a/b", 1'000, 50), 5u + 3u + 128u + 1'050u);  // "a%2Fb"
  EXPECT_EQ(credit_bytes("a/b", 1'000, 50, 7), credit_bytes("a/b", 1'000, 50) + 7u);
  EXPECT_EQ(deleted_credit_bytes("a/b"), credit_bytes("a/b", 0, 0));
}

TEST(Bank, BlocksAreSmallWhereTheBankIsSmall) {
  EXPECT_EQ((BlockPolicy{64 * mebibyte, 65'536}.keep()), 65'536u);
  EXPECT_EQ((BlockPolicy{64'000, 65'536}.keep()), 1'000u);
  EXPECT_EQ((BlockPolicy{10, 65'536}.keep()), 0u);
}

TEST(Bank, WithdrawalsTakeAReserveWhereThereIsPlenty) {
  const BlockPolicy policy{64 * mebibyte, 65'536};
  EXPECT_EQ(policy.withdrawal(1'000, 64 * mebibyte), 1'000u + 65'536u);
  EXPECT_EQ(policy.withdrawal(1'000, 17'000), 2'000u);  // a sixteenth of what is left
  EXPECT_EQ(policy.withdrawal(1'000, 1'010), 1'000u);
  EXPECT_EQ(policy.withdrawal(1'000, 1'000), 1'000u);
  EXPECT_EQ(policy.withdrawal(1'000, 999), 999u);
  EXPECT_EQ(policy.withdrawal(1'000, 0), 0u);
}

TEST(Bank, WithdrawalsNeverOverdraw) {
  const BlockPolicy policy{mebibyte, 65'536};
  for (std::uint64_t credit = 0; credit < 100'000; credit += 997)
    for (std::uint64_t missing = 1; missing < 100'000; missing += 1'009) {
      const auto amount = policy.withdrawal(missing, credit);
      EXPECT_LE(amount, credit);
      EXPECT_TRUE(amount >= missing || amount == credit);
    }
}

TEST(Bank, BlocksThatGrewGiveBack) {
  const BlockPolicy policy{64 * mebibyte, 65'536};
  EXPECT_EQ(policy.surplus(2 * 65'536), 0u);
  EXPECT_EQ(policy.surplus(1'000'000), 1'000'000u - 65'536u);
}

}  // namespace
}  // namespace mqttzoo::cluster
