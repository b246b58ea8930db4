#include "broker/auth/base64.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::auth {
namespace {

TEST(Base64, Examples_of_RFC_4648) {
  const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes) << text;
  }
  EXPECT_EQ(from_base64("AP8="), std::string("\0\xff", 2));
}

TEST(Base64, What_is_not_base64_to_the_letter) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "====", "=", "Z===", "Zg==Zg==", "Zh==", "Zm9=", " Zm9v", "Zm9v ",
                           "Zm9v\n", "Zm9v    ", "Zm-v", "Zm9\xff", "Zm=v"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << '"' << text << '"';
  }
  EXPECT_EQ(from_base64(std::string_view("Zm9\0", 4)), std::nullopt);
}

}  // namespace
}  // namespace mqttzoo::auth
