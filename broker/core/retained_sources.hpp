#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/core/authorizer.hpp"
#include "broker/core/message.hpp"
#include "broker/core/message_source.hpp"

namespace mqttzoo::core {

/// Whether those who published retained messages may still do so. Lives for the retained messages of one SUBSCRIBE,
/// which outlive it, and asks for the rights of each publisher once, unless there are very many of them.
class RetainedSources {
 public:
  explicit RetainedSources(const Authorizer& authorizer) : authorizer_(authorizer) {}

  bool may_publish(const MessageView& retained) {
    if (retained.source.empty()) return true;
    if (rights_.size() >= sources_remembered) rights_.clear();
    const auto [place, is_new] = rights_.try_emplace(retained.source);
    if (is_new) {
      const MessageSource source(retained.source);
      place->second = authorizer_.rights_of(source.client_id, source.user_name);
    }
    return !place->second || place->second->may_publish(retained.topic);
  }

 private:
  static constexpr std::size_t sources_remembered = 1'000;

  const Authorizer& authorizer_;
  boost::unordered_flat_map<std::string_view, std::shared_ptr<const Rights>> rights_;
};

}  // namespace mqttzoo::core
