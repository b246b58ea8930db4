#pragma once

#include <limits>

#include "tests/simulation/oracle/facts.hpp"

/// What is promised only with copies of a home, and so not kept today when a home changes. All of it stands here; the
/// oracle knows no other mercy.
namespace mqttzoo::sim::excuses {

/// P2, P3: the partition of the Client Identifier got another primary, and its persistent sessions ended with that.
/// (Its client need not have heard of it: a CONNECT whose answer it did not wait for may have begun the next session.)
inline constexpr Milliseconds the_end = std::numeric_limits<Milliseconds>::max();
bool home_changed(const Facts& facts, const std::string& client_id, Milliseconds from, Milliseconds to);

}  // namespace mqttzoo::sim::excuses
