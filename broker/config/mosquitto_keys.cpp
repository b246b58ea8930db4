#include <algorithm>
#include <string_view>

#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

// mosquitto.conf(5) of mosquitto 2, without what stands in the table of keys.
constexpr std::string_view not_yet =
    " accept_protocol_versions acl_file address addresses allow_duplicate_messages allow_zero_length_clientid"
    " auth_plugin auth_plugin_deny_special_chars auto_id_prefix autosave_interval autosave_on_changes bind_address"
    " bind_interface bridge_alpn bridge_attempt_unsubscribe bridge_bind_address bridge_cafile bridge_capath"
    " bridge_certfile bridge_identity bridge_insecure bridge_keyfile bridge_max_packet_size bridge_max_topic_alias"
    " bridge_outgoing_retain bridge_protocol_version bridge_psk bridge_receive_maximum bridge_reload_type"
    " bridge_require_ocsp bridge_session_expiry_interval bridge_tcp_keepalive bridge_tcp_user_timeout"
    " bridge_tls_version cafile capath certfile check_retain_source ciphers ciphers_tls1.3 cleansession clientid"
    " clientid_prefixes connection connection_messages crlfile dhparamfile disable_client_cert_date_checks"
    " global_max_clients global_max_connections global_plugin http_dir idle_timeout include_dir keepalive_interval"
    " keyfile listener_allow_anonymous listener_auto_id_prefix local_cleansession local_clientid local_password"
    " local_username log_dest log_facility log_timestamp log_timestamp_format log_type max_connections"
    " max_inflight_bytes max_inflight_messages max_keepalive max_packet_size max_qos max_queued_bytes"
    " max_queued_messages max_topic_alias max_topic_alias_broker memory_limit message_size_limit mount_point"
    " notification_topic notifications notifications_local_only password password_file per_listener_settings"
    " persistence persistence_file persistence_location persistent_client_expiration pid_file plugin plugin_load"
    " plugin_use port protocol psk_file psk_hint queue_qos0_messages remote_clientid remote_password remote_username"
    " require_certificate restart_timeout retain_available retain_expiry_interval retry_interval round_robin"
    " set_tcp_nodelay socket_domain start_type store_clean_interval threshold tls_engine tls_engine_kpass_sha1"
    " tls_keyform tls_version topic try_private upgrade_outgoing_qos use_identity_as_username"
    " use_subject_as_username use_username_as_clientid user username websockets_headers_size websockets_log_level"
    " websockets_origin ";

}  // namespace

bool is_mosquitto_key(std::string_view name) {
  // plugin_opt_* and auth_opt_* go on with what the plugin names.
  if (name.starts_with("plugin_opt_") || name.starts_with("auth_opt_")) return true;
  if (name.find(' ') != std::string_view::npos) return false;
  return not_yet.find(' ' + std::string(name) + ' ') != std::string_view::npos;
}

}  // namespace mqttzoo::config
