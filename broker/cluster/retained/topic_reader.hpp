#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/cluster/retained/retained_context.hpp"

namespace mqttzoo::cluster {

/// Reads znodes of retained topics into the cache: those whose values are too long for the change log, and those that
/// somebody changed without it. Not bounded by itself: by the entries of the log that are read at a time. Lives on the
/// control thread.
class TopicReader {
 public:
  explicit TopicReader(RetainedContext& context) : context_(context) {}

  void read(std::string_view topic);
  /// Calls back when everything has been read that was asked for before the call, at once if there is nothing.
  void when_settled(std::function<void()> done);
  /// Sends again what could not be sent. For every tick.
  void resume();
  /// Forgets what was asked for; no call back.
  void stop();

 private:
  void send(std::uint64_t number, const std::string& topic);
  void finish(std::uint64_t number);

  RetainedContext& context_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, std::string> open_;  ///< by number
  std::vector<std::uint64_t> to_repeat_;
  std::vector<std::pair<std::uint64_t, std::function<void()>>> waiters_;  ///< for all reads up to a number
};

/// Enters into the cache what stands in a znode of a retained topic. `expected_topic` is what its name says; empty: the
/// name was cut. Strangers' and damaged znodes are logged, counted, and known as unreadable where they have a topic.
void enter_znode(RetainedContext& context, const std::string& path, std::string_view expected_topic,
                 const std::string& data, const ZnodeStat& stat);

}  // namespace mqttzoo::cluster
