#include "broker/config/error.hpp"
#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

std::string path(std::string_view value) { return std::string(value); }

// The lines of the files stand in its place when it is read from the file of -c.
void refuse_inner_include(Settings&, std::string_view) { throw BadValue("only the file of -c may include others"); }

const Key table[] = {
    {"include_dir", "DIRECTORY", "none",
     "Read all files *.conf of this directory here, in the order of the alphabet; may be given several times.",
     "One file is the usual.", refuse_inner_include, Place::file_repeatedly},

    {"threads", "NUMBER", "one per core", "Threads that serve clients, 64 at most.",
     "More than the cores that the process may use cannot help.", integer(&Settings::threads, 1, threads_max)},

    {"watchdog_seconds", "SECONDS", "10",
     "End the process when a thread has been stuck in one task for this long; 0: never.",
     "Far above any pause of a healthy process; a stuck broker must not look alive.",
     integer(&Settings::watchdog_seconds, 0, 3600)},

    {"http_listener", "PORT [ADDRESS]", "none", "Answer /healthz, /readyz and /metrics over HTTP here.",
     "A port that nobody asked for stays closed.", parsed(&Settings::http_listener, parse_port_and_address)},

    {"pid_file", "PATH", "none", "Write the number of the process into this file.", "Service managers know it.",
     parsed(&Settings::pid_file, path)},

    {"user", "NAME", "the one who starts it", "Started as root, become this user when the ports are open.",
     "A container or a service manager starts it as whom it should be; mosquitto takes the user mosquitto.",
     parsed(&Settings::user, parse_user_name)},

    {"sys_interval", "SECONDS", "10", "Publish the $SYS/broker topics this often; 0: never.", "As mosquitto does.",
     integer(&Settings::sys_interval_seconds, 0, day_seconds)},
};

}  // namespace

std::span<const Key> process_keys() { return table; }

}  // namespace mqttzoo::config
