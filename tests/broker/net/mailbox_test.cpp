#include "broker/net/mailbox.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <memory>
#include <thread>

#include "broker/net/event_loop.hpp"

namespace mqttzoo::net {
namespace {

using testing::ElementsAre;

TEST(Mailbox, Letters_leave_with_the_turn_and_arrive_in_order) {
  Mailbox<int> mailbox;
  std::vector<int> letters;
  mailbox.append(1);
  mailbox.append(2);
  EXPECT_FALSE(mailbox.take(letters));
  EXPECT_TRUE(mailbox.hand_over());
  mailbox.append(3);
  EXPECT_TRUE(mailbox.hand_over());
  EXPECT_TRUE(mailbox.take(letters));
  EXPECT_THAT(letters, ElementsAre(1, 2, 3));
}

TEST(Mailbox, A_turn_without_letters_hands_nothing_over) {
  Mailbox<int> mailbox;
  std::vector<int> letters;
  EXPECT_FALSE(mailbox.hand_over());
  EXPECT_FALSE(mailbox.take(letters));
}

TEST(Mailbox, The_backlog_is_what_letters_and_their_contents_occupy) {
  Mailbox<int> mailbox;
  std::vector<int> letters;
  mailbox.append(1, 100);
  EXPECT_EQ(mailbox.backlog_bytes(), 0U);
  mailbox.hand_over();
  mailbox.append(2, 10);
  mailbox.hand_over();
  EXPECT_EQ(mailbox.backlog_bytes(), 2 * sizeof(int) + 110);
  EXPECT_EQ(mailbox.take(letters), 2 * sizeof(int) + 110);
  EXPECT_EQ(mailbox.backlog_bytes(), 0U);
}

TEST(Mailbox, Letters_that_nobody_takes_end_with_it) {
  const auto owned = std::make_shared<int>(7);
  {
    Mailbox<std::shared_ptr<int>> mailbox;
    mailbox.append(owned);
    mailbox.hand_over();
    mailbox.append(owned);
    EXPECT_EQ(owned.use_count(), 3);
  }
  EXPECT_EQ(owned.use_count(), 1);
}

// Sends `count` numbers to its neighbour, a few per turn, and checks those that arrive.
class Correspondent final : public LoopClient {
 public:
  static constexpr std::uint64_t count = 20'000;

  void turn(core::Milliseconds) override {
    std::vector<std::uint64_t> letters;
    if (inbox->take(letters)) {
      for (const std::uint64_t letter : letters) EXPECT_EQ(letter, received_++);
    }
    for (int i = 0; i < 3 && sent_ < count; ++i) outbox->append(sent_++);
    if (outbox->hand_over()) neighbour->wake();
    if (received_ == count && sent_ == count) loop.stop();
  }
  bool has_work() override { return inbox->backlog_bytes() != 0; }
  // Sleeps in between: what is left to send waits until a letter comes, and the last turns until the neighbour is done.
  core::Milliseconds next_deadline() override { return sent_ < count ? 0 : 1'000'000'000'000; }

  EventLoop loop;
  Mailbox<std::uint64_t>* inbox = nullptr;
  Mailbox<std::uint64_t>* outbox = nullptr;
  EventLoop* neighbour = nullptr;

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

TEST(Mailbox, Two_loops_lose_no_letter_and_no_wake_up) {
  Mailbox<std::uint64_t> there;
  Mailbox<std::uint64_t> back;
  Correspondent a;
  Correspondent b;
  a.inbox = &back;
  a.outbox = &there;
  a.neighbour = &b.loop;
  b.inbox = &there;
  b.outbox = &back;
  b.neighbour = &a.loop;
  std::thread other([&] { b.loop.run(b); });
  a.loop.run(a);
  other.join();
}

// A ball that is in the air once: each loop sleeps until it comes. A lost wake-up would hang the test.
class Player final : public LoopClient {
 public:
  void turn(core::Milliseconds) override {
    std::vector<int> letters;
    if (inbox->take(letters)) {
      const int rest = letters.at(0);
      if (rest > 0) outbox->append(rest - 1);
      if (rest <= 1) loop.stop();
    }
    if (outbox->hand_over()) neighbour->wake();
  }
  bool has_work() override { return inbox->backlog_bytes() != 0; }
  core::Milliseconds next_deadline() override { return 1'000'000'000'000; }

  EventLoop loop;
  Mailbox<int>* inbox = nullptr;
  Mailbox<int>* outbox = nullptr;
  EventLoop* neighbour = nullptr;
};

TEST(Mailbox, A_sleeping_loop_is_woken_by_each_letter) {
  Mailbox<int> there;
  Mailbox<int> back;
  Player a;
  Player b;
  a.inbox = &back;
  a.outbox = &there;
  a.neighbour = &b.loop;
  b.inbox = &there;
  b.outbox = &back;
  b.neighbour = &a.loop;
  there.append(20'000);
  there.hand_over();
  std::thread other([&] { b.loop.run(b); });
  a.loop.run(a);
  other.join();
}

TEST(LoopProgress, Waiting_is_no_hang_and_a_long_turn_is_one) {
  LoopProgress progress;
  EXPECT_EQ(progress.busy_for(5000), 0);
  progress.turn_begins(1000);
  EXPECT_EQ(progress.busy_for(1000), 0);
  EXPECT_EQ(progress.busy_for(5000), 4000);
  progress.turn_ends();
  EXPECT_EQ(progress.busy_for(5000), 0);
}

}  // namespace
}  // namespace mqttzoo::net
