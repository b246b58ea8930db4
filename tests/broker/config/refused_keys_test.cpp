#include "broker/config/refused_keys.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::config {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(RefusedKeys, Keys_of_mosquitto_have_a_reason) {
  EXPECT_THAT(why_refused("cafile"), Optional(HasSubstr("TLS")));
  EXPECT_THAT(why_refused("persistence"), Optional(HasSubstr("disk")));
  EXPECT_THAT(why_refused("bridge_attempt_unsubscribe"), Optional(HasSubstr("bridges")));
  EXPECT_THAT(why_refused("websockets_origin"), Optional(HasSubstr("WebSockets")));
  for (const char* name : {"plugin_opt_anything", "auth_opt_x"}) {
    EXPECT_THAT(why_refused(name), Optional(HasSubstr("plugins"))) << name;
  }
}

TEST(RefusedKeys, Others_are_unknown) {
  for (const char* name : {"", " ", "persist", "cafile capath", "Persistence", "plugin_opt"}) {
    EXPECT_EQ(why_refused(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace mqttzoo::config
