#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

const Key of_process[] = {
    {"threads", "NUMBER", "one per core", "Threads that serve clients, 64 at most.",
     "More than the cores that the process may use cannot help.", integer(&Settings::threads, 1, threads_max)},

    {"watchdog_seconds", "SECONDS", "10",
     "End the process when a thread has been stuck in one task for this long; 0: never.",
     "Far above any pause of a healthy process; a stuck broker must not look alive.",
     integer(&Settings::watchdog_seconds, 0, 3600)},

    {"http_listener", "PORT [ADDRESS]", "none", "Answer /healthz, /readyz and /metrics over HTTP here.",
     "A port that nobody asked for stays closed.", parsed(&Settings::http_listener, parse_port_and_address)},

    {"sys_interval", "SECONDS", "10", "Publish the $SYS/broker topics this often; 0: never.", "As mosquitto does.",
     integer(&Settings::sys_interval_seconds, 0, day_seconds)},
};

const Key of_log[] = {
    {"log_format", "text|json", "text", "One line of text or one JSON object per event.",
     "People read it first, machines later.",
     parsed(&Settings::log_format,
            [](std::string_view value) {
              return parse_choice(value, {"text", "json"}) == 0 ? LogFormat::text : LogFormat::json;
            })},

    {"log_level", "error|warning|info|debug", "info", "The least important lines to write.",
     "One line per start, stop and end of a connection, none per message.",
     parsed(&Settings::log_level,
            [](std::string_view value) {
              return parse_choice(value, {"error", "warning", "info", "debug"});
            })},
};

}  // namespace

std::span<const Key> process_keys() { return of_process; }
std::span<const Key> log_keys() { return of_log; }

}  // namespace mqttzoo::config
