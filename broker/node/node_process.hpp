#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "broker/core/random_source.hpp"

/// What a node asks of the operating system.
namespace mqttzoo {

/// Raises the limit on open files to what the process may have, and returns it.
std::size_t raise_open_files_limit();

std::string host_name();

/// Cores that this process may run on.
unsigned usable_cores();

/// The kernel's generator, in batches. One per thread.
std::unique_ptr<core::RandomSource> system_random();

/// 128 random bits in hexadecimal.
std::string random_id();

/// Names the calling thread for debuggers and top.
void name_thread(const std::string& name);

}  // namespace mqttzoo
