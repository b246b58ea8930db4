#pragma once

#include <cstddef>
#include <cstdint>

/// Every limit of users and rights with its default and its reason. What happens at a limit stands with it.
namespace mqttzoo::auth {

/// A file with users or rights, and one line of it: some hundred thousand users; a name of 64 KiB and a topic beside
/// it. Beyond it: the broker does not start.
inline constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t line_bytes_max = 256 * 1024;

/// Rounds of hashing of one password: more of them are an attack on one's own broker, at about ten seconds of a core.
/// Beyond it: the broker does not start.
inline constexpr std::uint32_t iterations_max = 10'000'000;

/// Levels of a topic in an acl_file: matching recurses once per level. Beyond it: the broker does not start.
inline constexpr std::size_t rule_levels_max = 1'000;

/// Threads that hash passwords, one per two cores: the others are for the messages.
inline constexpr unsigned password_threads_max = 4;

/// Passwords that wait for them, and their bytes: a few seconds' worth of logins with mosquitto's hashes. Beyond either
/// one: CONNECT is answered with 0x89 (v3: 3).
inline constexpr std::size_t passwords_waiting_max = 10'000;
inline constexpr std::size_t passwords_waiting_bytes_max = 16 * 1024 * 1024;

/// A message of a SCRAM client: a user name, a nonce and what extensions may add. Beyond it: 0x87.
inline constexpr std::size_t scram_message_bytes_max = 4 * 1024;

}  // namespace mqttzoo::auth
