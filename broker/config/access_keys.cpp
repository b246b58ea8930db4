#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

std::string path(std::string_view value) { return std::string(value); }

const Key table[] = {
    {"password_file", "FILE", "none", "Users with their passwords, as mosquitto_passwd and mqttzoo_passwd write them.",
     "Without a file nobody has to prove a user name.", parsed(&AccessSettings::password_file, path)},

    {"scram_file", "FILE", "none",
     "Users of SCRAM-SHA-256 (enhanced authentication of MQTT 5.0), as mqttzoo_passwd "
     "--scram writes them.",
     "Few clients can do it yet.", parsed(&AccessSettings::scram_file, path)},

    {"acl_file", "FILE", "none",
     "Who may publish and receive what, in mosquitto's syntax; without it everybody everything.", "As mosquitto does.",
     parsed(&AccessSettings::acl_file, path)},
};

}  // namespace

std::span<const Key> access_keys() { return table; }

}  // namespace mqttzoo::config
