#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

const Key table[] = {
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

}  // namespace

std::span<const Key> process_keys() { return table; }

}  // namespace mqttzoo::config
