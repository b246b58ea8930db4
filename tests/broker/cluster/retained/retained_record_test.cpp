#include "broker/cluster/retained/retained_record.hpp"

#include <gtest/gtest.h>

#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {
namespace {

core::MessageView message(std::string_view topic, std::string_view payload) {
  return {.topic = topic,
          .payload = payload,
          .properties = std::string_view("\x01\x01", 2),  // Payload Format Indicator
          .qos = mqtt::QoS::exactly_once,
          .retain = true,
          .publisher = {}};
}

TEST(RetainedRecord, ComesBack) {
  const auto entry = decode_retained_value(encode_retained_value(message("a/b", std::string(3, '\0')), 77, 512));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->topic, "a/b");
  EXPECT_EQ(entry->kind, RetainedEntry::Kind::value);
  EXPECT_EQ(entry->expires_at, 77);
  EXPECT_EQ(entry->credit_bytes, 512u);
  const auto& view = entry->message->view();
  EXPECT_EQ(view.payload, std::string(3, '\0'));
  EXPECT_EQ(view.properties, std::string_view("\x01\x01", 2));
  EXPECT_EQ(view.qos, mqtt::QoS::exactly_once);
  EXPECT_EQ(view.expires_at, 77);
  EXPECT_TRUE(view.retain);
}

TEST(RetainedRecord, SaysWhoPublishedIt) {
  using std::string_literals::operator""s;
  for (const std::string& source : {""s, "client"s, "client\0"s, "client\0user"s, "\0user"s}) {
    auto published = message("a", "x");
    published.source = source;
    const auto entry = decode_retained_value(encode_retained_value(published, 0, 1));
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->message->view().source, source);
  }
}

TEST(RetainedRecord, ADeletedValueHasNoPayload) {
  const auto entry = decode_retained_value(encode_deleted_value("a", 130));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->kind, RetainedEntry::Kind::deleted);
  EXPECT_EQ(entry->credit_bytes, 130u);
  EXPECT_FALSE(entry->message);
}

TEST(RetainedRecord, StrangersAndDamagedValues) {
  EXPECT_FALSE(decode_retained_value(""));
  EXPECT_FALSE(decode_retained_value("hello"));
  EXPECT_FALSE(decode_retained_value(std::string(1'000, '\xFF')));
  const auto whole = encode_retained_value(message("a/b", "payload"), 77, 512);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto entry = decode_retained_value(std::string_view(whole).substr(0, size));
    EXPECT_EQ(entry ? entry->topic : "a/b", "a/b") << size;  // where it is cut between two fields
  }
}

TEST(RetainedRecord, NothingThatAClientCouldNotHaveSent) {
  const auto decodes = [](auto change) {
    proto::RetainedValue value;
    value.set_topic("a");
    value.set_payload("x");
    change(value);
    return decode_retained_value(value.SerializeAsString()).has_value();
  };
  EXPECT_TRUE(decodes([](auto&) {}));
  EXPECT_FALSE(decodes([](auto& value) { value.set_topic("a/+"); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_topic("a\xFF"); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_topic(std::string(65'536, 'a')); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_qos(3); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_expires_at_ms(-1); }));
  EXPECT_TRUE(decodes([](auto& value) { value.set_client_id("c"); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_client_id(std::string("c\0", 2)); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_user_name("\xFF"); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_properties("\x01"); }));
  EXPECT_FALSE(decodes([](auto& value) { value.set_properties(std::string("\x23\x00\x01", 3)); }));  // Topic Alias
  EXPECT_FALSE(decodes([](auto& value) { value.set_properties(std::string("\x02\x00\x00\x00\x01", 5)); }));
}

TEST(RetainedRecord, ExpiryMakesACopy) {
  const auto original = core::MessageRef::copy_of(message("a", "x"));
  EXPECT_EQ(&*message_with_expiry(original, 0), &*original);
  const auto copy = message_with_expiry(original, 5);
  EXPECT_EQ(copy->view().expires_at, 5);
  EXPECT_EQ(copy->view().payload, "x");
  EXPECT_EQ(original->view().expires_at, 0);
}

}  // namespace
}  // namespace mqttzoo::cluster
