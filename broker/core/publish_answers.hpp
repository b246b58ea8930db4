#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/core/ring.hpp"
#include "proto/mqtt/reason_code.hpp"
#include "proto/mqtt/types.hpp"

namespace mqttzoo::core {

/// The QoS 1 and 2 PUBLISH packets of a client that wait for PUBACK or PUBREC. Whatever order the router finishes them
/// in, the answers leave in the order in which the packets came (v5 and v3.1.1 [MQTT-4.6.0-2], [MQTT-4.6.0-3]). Bounded
/// by its owner: Receive Maximum.
class PublishAnswers {
 public:
  struct Answer {
    std::uint16_t packet_id = 0;
    mqtt::QoS qos = mqtt::QoS::at_least_once;
    bool settled = false;
    bool repeated = false;  ///< a QoS 2 PUBLISH that was received before
    bool asked = false;     ///< a QoS 2 PUBLISH that its session may have had on an earlier connection
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  };

  std::size_t size() const { return waiting_.size(); }

  /// Notes a PUBLISH; its sequence is the one that `settle` takes.
  std::uint64_t expect(std::uint16_t packet_id, mqtt::QoS qos) { return push({.packet_id = packet_id, .qos = qos}); }
  void expect_repeated(std::uint16_t packet_id) {
    push({.packet_id = packet_id, .qos = mqtt::QoS::exactly_once, .repeated = true});
  }

  void settle(std::uint64_t sequence, mqtt::ReasonCode reason) {
    const std::uint64_t place = sequence - first_sequence_;
    ensure(place < waiting_.size() && !waiting_[place].settled, "a PUBLISH was answered twice");
    waiting_[place].settled = true;
    waiting_[place].reason = reason;
  }

  /// The answer to a QoS 2 PUBLISH is to be `reason`, unless its session had it before: `settle_asked` says that.
  void ask(std::uint64_t sequence, mqtt::ReasonCode reason) {
    Answer& answer = waiting_[sequence - first_sequence_];
    answer.asked = true;
    answer.reason = reason;
  }
  /// False if none waits for that.
  bool settle_asked(std::uint16_t packet_id, bool had_before) {
    Answer* const answer = find_qos2(packet_id);
    if (!answer || !answer->asked) return false;
    answer->settled = true;
    if (had_before) answer->reason = mqtt::ReasonCode::success;
    return true;
  }

  /// The session's answer to a QoS 2 PUBLISH. False if none waits for one: it came on an earlier connection.
  bool settle_qos2(std::uint16_t packet_id, mqtt::ReasonCode reason) {
    Answer* const answer = find_qos2(packet_id);
    if (!answer || answer->asked) return false;
    answer->settled = true;
    answer->reason = reason;
    return true;
  }

  /// Takes the oldest answer if it may leave now.
  bool pop(Answer& answer) {
    if (waiting_.empty() || !waiting_.front().settled) return false;
    answer = waiting_.front();
    waiting_.pop_front();
    ++first_sequence_;
    return true;
  }

 private:
  Answer* find_qos2(std::uint16_t packet_id) {
    for (std::size_t place = 0; place < waiting_.size(); ++place) {
      Answer& answer = waiting_[place];
      if (!answer.settled && answer.packet_id == packet_id && answer.qos == mqtt::QoS::exactly_once) return &answer;
    }
    return nullptr;
  }
  std::uint64_t push(const Answer& answer) {
    waiting_.push_back(answer);
    return first_sequence_ + waiting_.size() - 1;
  }

  Ring<Answer> waiting_;
  std::uint64_t first_sequence_ = 0;
};

}  // namespace mqttzoo::core
