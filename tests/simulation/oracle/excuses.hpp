#pragma once

#include "tests/simulation/oracle/facts.hpp"

/// What is promised only with copies of a home, and so not kept today when a home changes. All of it stands here; the
/// oracle knows no other mercy.
namespace mqttzoo::sim::excuses {

/// P2, P3: the partition of the Client Identifier got another primary, and its persistent sessions ended with that.
bool home_changed(const Facts& facts, const std::string& client_id, Milliseconds from, Milliseconds to);

}  // namespace mqttzoo::sim::excuses
