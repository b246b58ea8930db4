#include "proto/mqtt/payload_lists.hpp"

#include "proto/mqtt/subscription_options.hpp"
#include "proto/mqtt/wire_reader.hpp"
#include "proto/mqtt/wire_writer.hpp"

namespace mqttzoo::mqtt {

std::size_t detail::read_subscription(std::string_view rest, Subscription& entry) {
  WireReader reader(rest);
  std::uint8_t options = 0;
  if (!reader.binary(entry.topic_filter) || !reader.byte(options)) return rest.size();
  const std::string_view topic_filter = entry.topic_filter;
  entry = SubscriptionOptions{options}.with(topic_filter);
  return rest.size() - reader.size();
}

std::size_t detail::read_topic_filter(std::string_view rest, std::string_view& entry) {
  WireReader reader(rest);
  if (!reader.binary(entry)) return rest.size();
  return rest.size() - reader.size();
}

SubscriptionListWriter& SubscriptionListWriter::add(const Subscription& subscription) {
  WireWriter writer(bytes_.extend(string_size(subscription.topic_filter) + 1));
  writer.string(subscription.topic_filter);
  writer.byte(SubscriptionOptions::of(subscription).bits);
  ++size_;
  return *this;
}

TopicFilterListWriter& TopicFilterListWriter::add(std::string_view topic_filter) {
  WireWriter(bytes_.extend(string_size(topic_filter))).string(topic_filter);
  ++size_;
  return *this;
}

}  // namespace mqttzoo::mqtt
