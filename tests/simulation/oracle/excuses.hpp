#pragma once

#include <limits>

#include "tests/simulation/oracle/facts.hpp"

/// What nobody can promise, and what is not kept yet where a home changes: a QoS 2 publish and the firing of a will are
/// not in the log before others have the message. All of it stands here; the oracle knows no other mercy.
namespace mqttzoo::sim::excuses {

/// P5, P7: the partition of the Client Identifier got another primary, maybe in the middle of a publish.
inline constexpr Milliseconds the_end = std::numeric_limits<Milliseconds>::max();
bool home_changed(const Facts& facts, const std::string& client_id, Milliseconds from, Milliseconds to);
/// P2, P3, P7: the partition of the Client Identifier got a primary that had no complete copy, as all who had one were
/// gone before there was time to make another.
bool home_lost(const Facts& facts, const std::string& client_id, Milliseconds from, Milliseconds to);

/// P5: a will is published twice where two brokers have it. That is so when its home moved in a view that the former
/// home never acted in, and its frontend was removed by the next one.
bool will_has_two_homes(const Facts& facts, const ConnectionRecord& connection);
/// P2, P7 of Shared Subscriptions: a broker left, and members or choices with it.
bool a_broker_left(const Facts& facts);

}  // namespace mqttzoo::sim::excuses
