#include "proto/mqtt/decode_error.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace mqttzoo::mqtt {
namespace {

TEST(DecodeError, NamesItsReason) {
  EXPECT_EQ(malformed("x").reason, ReasonCode::malformed_packet);
  EXPECT_EQ(protocol_error("x").reason, ReasonCode::protocol_error);
}

TEST(DecodeError, AnErrorThatNobodyLookedAtIsThrown) {
  const DecodeResult<int> result = malformed("broken");
  EXPECT_THAT([&] { return result.value(); },
              testing::ThrowsMessage<std::runtime_error>(testing::StrEq("Malformed Packet: broken")));
}

}  // namespace
}  // namespace mqttzoo::mqtt
