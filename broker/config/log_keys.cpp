#include "broker/config/error.hpp"
#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

template <class Read>
auto of_log(Read read) {
  return within(&Settings::log, read);
}

// A level says it all: what lines of log_type said before is gone. Both in a file are refused.
void set_level(LogSettings& log, std::string_view value) {
  log.level = static_cast<LogLevel>(parse_choice(value, {"error", "warning", "info", "debug"}));
  log.types.reset();
}

void add_type(LogSettings& log, std::string_view value) {
  if (value == "subscribe" || value == "unsubscribe") throw BadValue("subscriptions are not logged");
  if (value == "websockets") throw BadValue("there are no WebSockets yet");
  const bool is_first = !log.types;
  LogTypes& types = log.types ? *log.types : log.types.emplace();
  if (!is_first && (value == "none" || types == LogTypes())) throw BadValue("none stands alone");
  switch (parse_choice(value, {"error", "warning", "notice", "information", "debug", "all", "none"})) {
    case 0:
      types.error = true;
      break;
    case 1:
      types.warning = true;
      break;
    case 2:
    case 3:
      types.info = true;
      break;
    case 4:
      types.debug = true;
      break;
    case 5:
      types = {.error = true, .warning = true, .info = true, .debug = true};
      break;
    default:
      break;
  }
}

void add_file(LogDestinations& destinations, std::string_view path) {
  if (path.empty()) throw BadValue("a path is missing: file PATH");
  if (!destinations.file.empty()) throw BadValue("there is a file already: " + destinations.file);
  destinations.file = path;
}

void add_destination(LogSettings& log, std::string_view value) {
  if (value == "topic") throw BadValue("topic is not supported yet: the log is not published");
  if (value == "dlt" || value == "android") throw BadValue(std::string(value) + " is not supported by MQTTZoo");
  const bool is_first = !log.destinations;
  LogDestinations& destinations = log.destinations ? *log.destinations : log.destinations.emplace();
  if (!is_first && (value == "none" || destinations == LogDestinations())) throw BadValue("none stands alone");
  const auto space = value.find_first_of(" \t");
  if (value.substr(0, space) == "file") {
    const auto path = value.find_first_not_of(" \t", space);
    return add_file(destinations, path == std::string_view::npos ? std::string_view() : value.substr(path));
  }
  switch (parse_choice(value, {"stdout", "stderr", "syslog", "none", "file PATH"})) {
    case 0:
      destinations.to_stdout = true;
      break;
    case 1:
      destinations.to_stderr = true;
      break;
    case 2:
      destinations.to_syslog = true;
      break;
    default:
      break;
  }
}

const Key table[] = {
    {"log_dest", "DESTINATION", "stderr",
     "Where lines are written: stdout, stderr, syslog, file PATH, or none; may be given several times. A file is "
     "opened "
     "again at SIGHUP.",
     "What containers and service managers read.", of_log(add_destination), Place::file_repeatedly},

    {"log_type", "TYPE", "what log_level says",
     "The kind of lines to write: error, warning, notice, information, debug, all, or none; may be given several "
     "times.",
     "A level says the same in one word.", of_log(add_type), Place::file_repeatedly},

    {"log_level", "error|warning|info|debug", "info", "The least important lines to write.",
     "One line per start, stop and end of a connection, none per message.", of_log(set_level)},

    {"log_format", "text|json", "text", "One line of text or one JSON object per event.",
     "People read it first, machines later.",
     of_log(parsed(&LogSettings::format,
                   [](std::string_view value) {
                     return parse_choice(value, {"text", "json"}) == 0 ? LogFormat::text : LogFormat::json;
                   }))},

    {"log_timestamp", "true|false", "true", "Begin each line with the time.", "As mosquitto does.",
     of_log(flag(&LogSettings::timestamps))},

    {"log_timestamp_format", "FORMAT", "ISO 8601 with milliseconds, UTC",
     "The time as strftime writes it, in local time: %Y-%m-%dT%H:%M:%S.",
     "It sorts, and is the same on all machines; mosquitto counts seconds since 1970.",
     of_log(parsed(&LogSettings::timestamp_format, parse_time_format))},

    {"log_facility", "0|...|7", "daemon", "The facility local0 to local7 of syslog.", "As mosquitto does.",
     of_log(integer(&LogSettings::facility, 0, 7))},

    {"connection_messages", "true|false", "true", "Write a line for each client that has gone.", "As mosquitto does.",
     of_log(flag(&LogSettings::connection_messages))},
};

}  // namespace

std::span<const Key> log_keys() { return table; }

}  // namespace mqttzoo::config
