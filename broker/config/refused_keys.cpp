#include "broker/config/refused_keys.hpp"

#include <string>

namespace mqttzoo::config {

namespace {

struct Refused {
  std::string_view reason;
  std::string_view keys;  ///< each between spaces
};

// mosquitto.conf(5) of mosquitto 2.0 and 2.1, without what stands in the tables of keys.
constexpr Refused refused[] = {
    {"there are no plugins yet",
     " auth_plugin auth_plugin_deny_special_chars global_plugin plugin plugin_load plugin_use "},
    {"TLS is not there yet",
     " cafile capath certfile ciphers ciphers_tls1.3 crlfile dhparamfile disable_client_cert_date_checks keyfile"
     " psk_file psk_hint require_certificate tls_engine tls_engine_kpass_sha1 tls_keyform tls_version"
     " use_identity_as_username use_subject_as_username "},
    {"MQTT over TCP is all that is spoken so far: no WebSockets, no PROXY protocol, no files over HTTP",
     " enable_proxy_protocol http_dir proxy_protocol_v2_require_tls websockets_headers_size websockets_log_level"
     " websockets_origin "},
    {"there are no bridges yet; brokers of a cluster find each other without",
     " address addresses bridge_alpn bridge_attempt_unsubscribe bridge_bind_address bridge_cafile bridge_capath"
     " bridge_certfile bridge_ciphers bridge_ciphers_tls1.3 bridge_identity bridge_insecure bridge_keyfile"
     " bridge_max_packet_size bridge_max_topic_alias bridge_outgoing_retain bridge_protocol_version bridge_psk"
     " bridge_receive_maximum bridge_reload_type bridge_require_ocsp bridge_session_expiry_interval"
     " bridge_tcp_keepalive bridge_tcp_user_timeout bridge_tls_use_os_certs bridge_tls_version cleansession clientid"
     " connection idle_timeout keepalive_interval local_cleansession local_clientid local_password local_username"
     " notification_topic notifications notifications_local_only password remote_clientid remote_password"
     " remote_username restart_timeout round_robin start_type threshold topic try_private username "},
    {"nothing is written to disk yet",
     " autosave_interval autosave_on_changes persistence persistence_file persistence_location "},
    {"topics are the same at all listeners", " mount_point "},
    {"the broker chooses its buffers by itself", " packet_buffer_size "},
    {"memory is bounded per client and per thread; what bounds the process is its service manager", " memory_limit "},
    {"retain_ttl does that here", " retain_expiry_interval "},
    {"a message always reaches a client once, however many of its subscriptions match", " allow_duplicate_messages "},
    {"mosquitto has given it up too", " retry_interval store_clean_interval "},
    {"a running broker cannot be told so", " enable_control_api "},
};

}  // namespace

std::optional<std::string_view> why_refused(std::string_view name) {
  // auth_opt_* and plugin_opt_* go on with what the plugin names.
  if (name.starts_with("auth_opt_") || name.starts_with("plugin_opt_")) return refused[0].reason;
  if (name.find(' ') != std::string_view::npos) return std::nullopt;
  const std::string word = ' ' + std::string(name) + ' ';
  for (const Refused& group : refused) {
    if (group.keys.find(word) != std::string_view::npos) return group.reason;
  }
  return std::nullopt;
}

}  // namespace mqttzoo::config
