#include "client/options.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::client {
namespace {

template <class Options>
std::optional<int> parse_words(std::vector<const char*> words, Options& options) {
  words.insert(words.begin(), "tool");
  return parse(static_cast<int>(words.size()), words.data(), options);
}

TEST(Options, TextIsTakenAsItIs) {
  PubOptions options;
  EXPECT_EQ(parse_words({"-t", "gr\xC3\xBC\xC3\x9F/e", "-i", "\xC3\xA9", "-m", "\xFF"}, options), std::nullopt);
  EXPECT_EQ(options.topics.front(), "gr\xC3\xBC\xC3\x9F/e");
  EXPECT_EQ(options.text, "\xFF");  // payloads are any bytes
}

// v5 [MQTT-1.5.4-1]
TEST(Options, TextThatIsNotUtf8IsRefused) {
  for (const char* option : {"-t", "-i", "-u", "--will-topic"}) {
    PubOptions publisher;
    EXPECT_EQ(parse_words({"-m", "x", option, "a\xFF"}, publisher), exit_failed) << option;
    SubOptions subscriber;
    EXPECT_EQ(parse_words({option, "a\xED\xA0\x80"}, subscriber), exit_failed) << option;
  }
}

}  // namespace
}  // namespace mqttzoo::client
