#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/client_protocol.hpp"

namespace mqttzoo::client {

/// Exit codes of the tools, as their help pages tell them.
enum ExitCode : int {
  exit_ok = 0,
  exit_failed = 1,    ///< wrong usage, no connection, connection lost
  exit_refused = 2,   ///< the broker refused the connection, a message or the subscription
  exit_timeout = 27,  ///< mqtt_sub -W: the time is over (mosquitto_sub's code)
};

/// What both tools are told on their command line.
struct CommonOptions {
  std::string host = "localhost";
  std::uint16_t port = 1883;
  std::vector<std::string> topics = {"/Testing"};
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  ConnectOptions connect;
  bool debug = false;

  std::string address() const { return host + ':' + std::to_string(port); }
};

struct PubOptions : CommonOptions {
  enum class Source : std::uint8_t {
    lines_until_empty,  ///< a message per line of standard input; an empty line ends
    lines,              ///< -l: a message per line to the end of standard input
    whole_input,        ///< -s
    file,               ///< -f
    text,               ///< -m
    nothing,            ///< -n: one empty message
  };
  Source source = Source::lines_until_empty;
  std::string text;  ///< -m: the message; -f: the file's name
  bool retain = false;
  std::optional<std::uint32_t> ttl_seconds;
};

struct SubOptions : CommonOptions {
  bool verbose = false;               ///< -v: the topic in front of each message
  std::uint64_t count = 0;            ///< -C: end after so many messages; 0: never
  std::uint32_t timeout_seconds = 0;  ///< -W: end after so long; 0: never
};

/// Parse the command line. They print the help page, the version or what is wrong, and then return the code to exit
/// with.
std::optional<int> parse(int argc, const char* const* argv, PubOptions& options);
std::optional<int> parse(int argc, const char* const* argv, SubOptions& options);

}  // namespace mqttzoo::client
