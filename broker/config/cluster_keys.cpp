#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

std::string zookeeper(std::string_view value) { return parse_zookeeper(value, "/mqttzoo"); }
Endpoint host_and_any_port(std::string_view value) { return parse_host_and_port(value, true); }

const Key of_cluster[] = {
    {"broker_name", "NAME", "the host name", "This broker's name in the cluster; keep it over restarts.",
     "In Kubernetes and on machines of their own host names are stable and differ.",
     parsed(&Settings::broker_name, parse_broker_name)},

    {"zookeeper", "HOST:PORT,...[/CHROOT]", "none: a lone broker",
     "Form one cluster with all brokers that name the same ensemble and chroot "
     "(/mqttzoo when none is given).",
     "A lone broker needs nothing beside its binary.", parsed(&Settings::zookeeper, zookeeper)},

    {"cluster_listener", "HOST:PORT", "0.0.0.0:7883 with zookeeper",
     "Accept other brokers here; port 0 takes any free port.", "Brokers usually run on machines of their own.",
     parsed(&Settings::cluster_listener, host_and_any_port)},

    {"cluster_advertise", "HOST:PORT",
     "cluster_listener, with the host name for 0.0.0.0 and ::", "Where other brokers reach cluster_listener.",
     "Right unless there is address translation in between.", parsed(&Settings::cluster_advertise, host_and_any_port)},

    {"lease_seconds", "SECONDS", "3",
     "How long a broker may act after ZooKeeper last heard it; others wait that long before they take over.",
     "Short enough for a failover in seconds, three heartbeats long; at most the session less a tick and 10 %.",
     integer(&Settings::lease_seconds, 1, 60)},

    {"replicas", "NUMBER", "2", "How many brokers keep each persistent session, connection and will; 1: no copies.",
     "Two: nothing that was acknowledged is lost with any one broker.", integer(&Settings::replicas, 1, 5)},

    {"min_replicas", "NUMBER", "2",
     "How many brokers must have a message for a persistent session before its publisher is acknowledged.",
     "With one, the second copy may still be on its way when the first broker dies.",
     integer(&Settings::min_replicas, 1, 5)},

    {"zookeeper_session_seconds", "SECONDS", "4", "ZooKeeper session timeout to ask for.",
     "The shortest that leaves room for a lease of 3 s with a tick of 500 ms.",
     integer(&Settings::zookeeper_session_seconds, 2, 120)},

    {"coordination_loss", "refuse|serve", "refuse",
     "What a broker does that has lost ZooKeeper: refuse what it cannot promise, or serve all the same and lose "
     "messages if it has to.",
     "Acknowledged means kept, and one connection serves a session.",
     parsed(&Settings::coordination_loss,
            [](std::string_view value) {
              return parse_choice(value, {"refuse", "serve"}) == 0 ? CoordinationLoss::refuse : CoordinationLoss::serve;
            })},

    {"coordination_grace", "SECONDS", "30",
     "How long after its lease a broker without ZooKeeper keeps the connections to persistent sessions.",
     "A restart of ZooKeeper takes less; a client shall not take much longer silence for service.",
     integer(&Settings::coordination_grace_seconds, 0, day_seconds)},

    {"redirect", "asked|persistent|never", "asked",
     "Send v5 clients to the broker where their persistent session lives: those that ask for it with the User "
     "Property redirect=persistent, all, or nobody.",
     "Clients that do not follow a Server Reference are served wherever they come.",
     parsed(&Settings::redirect,
            [](std::string_view value) {
              constexpr Redirect choices[] = {Redirect::asked, Redirect::persistent, Redirect::never};
              return choices[parse_choice(value, {"asked", "persistent", "never"})];
            })},
};

const Key of_retained_messages[] = {
    {"retain_available", "true|false", "true", "Let clients publish retained messages.", "As mosquitto does.",
     flag(&Settings::retain_available)},

    {"retain_ttl", "SECONDS", "0", "Retained messages without a Message Expiry Interval end after this; 0: never.",
     "MQTT keeps retained messages for ever.", integer(&Settings::retain_ttl_seconds, 0, 3650 * day_seconds)},

    {"bank", "BYTES", "64MiB", "How much all retained messages of the cluster may occupy in ZooKeeper (KiB, MiB, GiB).",
     "ZooKeeper keeps everything in memory; this fits its default heap many times over.",
     bytes(&Settings::bank_bytes, 0, 1ULL << 40)},

    {"max_retained_messages", "NUMBER", "1000000", "Topics with a retained message in the cluster.",
     "What one subscription to all of them is sent.", integer(&Settings::retained_messages_max, 1, 1'000'000)},

    {"check_retain_source", "true|false", "true",
     "Send a retained message only where who published it still has the right to.", "As mosquitto does.",
     within(&Settings::limits, flag(&LimitSettings::check_retain_source))},
};

}  // namespace

std::span<const Key> cluster_keys() { return of_cluster; }
std::span<const Key> retained_keys() { return of_retained_messages; }

}  // namespace mqttzoo::config
