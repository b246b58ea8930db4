#include "broker/core/buffer_pool.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mqttzoo::core {
namespace {

TEST(BufferPool, LendsTheMemoryThatWasUsedLast) {
  BufferPool pool(1'000'000, 100'000);
  mqtt::ByteBuffer buffer;
  pool.lend(buffer);
  EXPECT_EQ(buffer.capacity(), 0U);
  buffer.append("hello");
  const char* const memory = buffer.data();
  pool.take_back(buffer);
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_GT(pool.bytes(), 0U);
  mqtt::ByteBuffer other;
  pool.lend(other);
  EXPECT_EQ(other.data(), memory);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(pool.bytes(), 0U);
}

TEST(BufferPool, LeavesABufferWithMemoryAlone) {
  BufferPool pool(1'000'000, 100'000);
  mqtt::ByteBuffer one, two;
  one.append("one");
  two.append("two");
  pool.take_back(one);
  pool.lend(two);
  EXPECT_EQ(two.view(), "two");
}

TEST(BufferPool, KeepsNoMoreThanItsBounds) {
  BufferPool pool(10'000, 4'000);
  mqtt::ByteBuffer large;
  large.append(std::string(5'000, 'x'));
  pool.take_back(large);
  EXPECT_EQ(pool.bytes(), 0U);
  for (int i = 0; i < 100; ++i) {
    mqtt::ByteBuffer small;
    small.append(std::string(1'000, 'x'));
    pool.take_back(small);
  }
  EXPECT_LE(pool.bytes(), 10'000U);
  EXPECT_GE(pool.bytes(), 5'000U);
}

}  // namespace
}  // namespace mqttzoo::core
