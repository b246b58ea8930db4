#include "broker/config/error.hpp"
#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

void open_listener(Settings& settings, std::string_view value) {
  settings.listeners.emplace_back().endpoint = parse_listener(value);
}

// Only MQTT over TCP: that is nothing to keep.
void check_protocol(ListenerSettings&, std::string_view value) {
  if (value == "websockets") throw BadValue("websockets is not supported yet: MQTT over TCP alone");
  if (value == "http_api") throw BadValue("http_api is not supported: see http_listener for probes and metrics");
  parse_choice(value, {"mqtt"});
}

const Key table[] = {
    {"listener", "PORT [ADDRESS]", "127.0.0.1 and ::1, port 1883",
     "Accept MQTT clients here; may be given several times.",
     "Nobody outside this machine gets in before somebody decided that.", open_listener, Place::file_repeatedly},

    {"port", "PORT", "none", "The same as listener PORT, as older files of mosquitto have it: the default listener.",
     "A listener says more.",
     within(&Settings::default_listener, within(&ListenerSettings::endpoint, integer(&Endpoint::port, 1, 65535))),
     Place::file},

    {"bind_address", "ADDRESS", "all addresses with port",
     "The address of the default listener; its port is 1883 "
     "unless port says another.",
     "A listener says more.",
     within(&Settings::default_listener, within(&ListenerSettings::endpoint, parsed(&Endpoint::host, parse_address))),
     Place::file},

    {"allow_anonymous", "true|false", "true on loopback, false with a listener", "Let clients in without a user name.",
     "As mosquitto 2 does: easy to try, closed in the open.", parsed(&AccessSettings::allow_anonymous, parse_bool)},

    {"allow_zero_length_clientid", "true|false", "true",
     "Let a client leave the choice of its Client Identifier to the broker.", "As MQTT has it.",
     flag(&AccessSettings::allow_zero_length_clientid)},

    {"auto_id_prefix", "PREFIX", "auto-", "How the Client Identifiers begin that the broker chooses.",
     "As mosquitto does.", parsed(&AccessSettings::auto_id_prefix, parse_prefix)},

    {"per_listener_settings", "true|false", "false",
     "Each listener has its own allow_anonymous, allow_zero_length_clientid and auto_id_prefix, which follow it.",
     "As mosquitto does.", flag(&Settings::per_listener_settings)},

    {"listener_allow_anonymous", "true|false", "what allow_anonymous says", "allow_anonymous for this listener.",
     "As mosquitto does.", parsed(&ListenerSettings::allow_anonymous, parse_bool)},

    {"listener_auto_id_prefix", "PREFIX", "what auto_id_prefix says", "auto_id_prefix for this listener.",
     "As mosquitto does.", parsed(&ListenerSettings::auto_id_prefix, parse_prefix)},

    {"use_username_as_clientid", "true|false", "false", "Take the user name as the Client Identifier.",
     "As mosquitto does.", flag(&ListenerSettings::user_name_is_client_id)},

    {"clientid_prefixes", "PREFIX", "none", "Let only Client Identifiers in that begin so.", "As mosquitto does.",
     parsed(&Settings::client_id_prefix, parse_prefix)},

    {"accept_protocol_versions", "3,4,5", "3,4,5", "The versions of MQTT: 3 is 3.1, 4 is 3.1.1, 5 is 5.0.",
     "As mosquitto does.", parsed(&ListenerSettings::versions, parse_versions)},

    {"max_qos", "0|1|2", "2", "The highest QoS that clients may publish with, and that subscriptions are granted.",
     "As mosquitto does.", integer(&ListenerSettings::qos_max, 0, 2)},

    {"max_topic_alias", "NUMBER", "10", "Topic Aliases that a client may set.", "As mosquitto does.",
     integer(&ListenerSettings::topic_alias_max, 0, 65'535)},

    {"max_topic_alias_broker", "NUMBER", "10", "Topic Aliases that the broker sets for a client that takes some.",
     "As mosquitto does.", integer(&ListenerSettings::sent_topic_aliases_max, 0, 65'535)},

    {"max_connections", "NUMBER|-1", "-1", "Clients of this listener at a time; -1: as many as open files allow.",
     "As mosquitto does.", count_or_unlimited(&ListenerSettings::connections_max)},

    {"use_another_server", "REFERENCE", "none",
     "Send the clients of this listener to these servers for now, instead of serving them.", "A listener serves.",
     parsed(&ListenerSettings::use_another_server, parse_server_reference)},

    {"server_moved", "REFERENCE", "none",
     "Send the clients of this listener to these servers from now on, instead of serving them.", "A listener serves.",
     parsed(&ListenerSettings::server_moved, parse_server_reference)},

    {"shutdown_server_reference", "REFERENCE", "none",
     "Send the v5 clients of this listener to these servers when the broker stops.",
     "Clients come back to where they were.",
     parsed(&ListenerSettings::shutdown_server_reference, parse_server_reference)},

    {"listener_advertise", "HOST:PORT", "none",
     "Where clients reach this listener: other brokers send those there whose sessions live here (redirect).",
     "A broker behind a load balancer does not know; without it nobody is sent here.",
     parsed(&ListenerSettings::advertise, [](std::string_view value) { return parse_host_and_port(value, false); })},

    {"protocol", "mqtt", "mqtt", "What is spoken at this listener.", "Nothing else can be spoken yet.", check_protocol},

    {"socket_domain", "ipv4|ipv6", "both", "Use this version of IP alone.", "As mosquitto does.",
     parsed(&ListenerSettings::socket_domain,
            [](std::string_view value) {
              return parse_choice(value, {"ipv4", "ipv6"}) == 0 ? SocketDomain::ipv4 : SocketDomain::ipv6;
            })},

    {"bind_interface", "INTERFACE", "all interfaces", "Accept only what arrives at this network interface.",
     "As mosquitto does.", parsed(&ListenerSettings::bind_interface, parse_interface)},

    {"validate_payload_format", "true|false", "false", "Refuse payloads that are said to be UTF-8 and are not.",
     "It takes time for each message that says so; most brokers do not look.",
     flag(&Settings::validate_payload_format)},

    {"response_topic_prefix", "TOPIC", "none",
     "Tell v5 clients that ask for it where topics for their answers begin: TOPIC, '/' and the Client Identifier.",
     "What clients agree on among themselves needs no help.",
     parsed(&Settings::response_topic_prefix, parse_topic_prefix)},

    {"global_max_connections", "NUMBER|-1", "-1",
     "Clients of all listeners at a time; -1: as many as open files allow.", "As mosquitto does.",
     count_or_unlimited(&Settings::connections_max)},

    {"global_max_clients", "NUMBER|-1", "-1",
     "Clients that are connected or have a session at this broker; -1: no limit.", "As mosquitto does.",
     count_or_unlimited(&Settings::sessions_max)},

    {"set_tcp_nodelay", "true|false", "true", "Send at once (TCP_NODELAY), not when there is more to send.",
     "The broker sends once per turn what it has: waiting for more would only add latency.",
     flag(&Settings::tcp_no_delay)},
};

}  // namespace

std::span<const Key> listener_keys() { return table; }

}  // namespace mqttzoo::config
