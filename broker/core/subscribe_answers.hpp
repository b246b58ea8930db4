#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/core/ring.hpp"
#include "broker/core/subscription.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

/// The SUBSCRIBE packets of a session that wait until the cluster knows of them (Router::settle_subscription). Bounded
/// by Limits::unsettled_subscribes_max: beyond it the connection is not read.
class SubscribeAnswers {
 public:
  struct RetainedRequest {
    std::string filter;
    SubscriptionOptions options;
  };
  struct Answer {
    std::uint16_t packet_id = 0;
    std::uint32_t attachment = 0;  ///< of the session, whose client waits for this answer
    bool settled = false;
    bool holding = false;  ///< the session holds live messages back for it
    std::vector<mqtt::ReasonCode> reasons;
    std::vector<RetainedRequest> retained;  ///< by the index of the filters that the router was given
  };

  /// Notes a SUBSCRIBE; its sequence finds it again.
  std::uint64_t expect(Answer answer) {
    waiting_.push_back(std::move(answer));
    ++unsettled_;
    return first_sequence_ + waiting_.size() - 1;
  }
  Answer& at(std::uint64_t sequence) {
    const std::uint64_t place = sequence - first_sequence_;
    ensure(place < waiting_.size() && !waiting_[place].settled, "a SUBSCRIBE was settled twice");
    return waiting_[place];
  }
  /// Takes out what was asked; each SUBSCRIBE is answered when it is settled, in whatever order.
  Answer settle(std::uint64_t sequence) {
    Answer& place = at(sequence);
    Answer answer = std::move(place);
    place.settled = true;
    --unsettled_;
    while (!waiting_.empty() && waiting_.front().settled) {
      waiting_.pop_front();
      ++first_sequence_;
    }
    return answer;
  }
  std::size_t unsettled() const { return unsettled_; }

 private:
  Ring<Answer> waiting_;
  std::uint64_t first_sequence_ = 0;
  std::size_t unsettled_ = 0;
};

}  // namespace mqttzoo::core
