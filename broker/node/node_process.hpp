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

/// A file with the number of this process, as long as the object lives.
class PidFile {
 public:
  /// Throws std::runtime_error with one line when it cannot be written.
  explicit PidFile(std::string path);
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  ~PidFile();

 private:
  const std::string path_;
};

/// Root becomes the user `name`, with its groups, for good and for all threads. False: it is not root that runs this.
/// Throws std::runtime_error with one line.
bool become_user(const std::string& name);

/// Cores that this process may run on.
unsigned usable_cores();

/// The kernel's generator, in batches. One per thread.
std::unique_ptr<core::RandomSource> system_random();

/// 128 random bits in hexadecimal.
std::string random_id();

/// The calling thread runs when the others leave it time: its work matters less than theirs.
void yield_to_others();

/// Names the calling thread for debuggers and top.
void name_thread(const std::string& name);

}  // namespace mqttzoo
