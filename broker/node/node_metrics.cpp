#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

#include "broker/node/node_counters.hpp"
#include "broker/ops/log.hpp"
#include "broker/ops/metrics.hpp"

namespace mqttzoo {

namespace {

using cluster::RouterCounters;
using core::Counter;
using core::Counters;
using ops::MetricsPage;

constexpr std::string_view qos_names[] = {"0", "1", "2"};

// Sums over the shards.
struct Sums {
  const std::vector<NodeCounters::Shard>& shards;
  MetricsPage& page;

  template <class Read>
  double of(Read read) const {
    double sum = 0;
    for (const auto& shard : shards) sum += static_cast<double>(read(shard));
    return sum;
  }
  double core(const std::function<const Counter&(const Counters&)>& which) const {
    return of([&](const auto& shard) { return which(*shard.counters).get(); });
  }
  void counter(std::string_view name, std::string_view help, Counter Counters::*which) const {
    page.counter(name, help, of([&](const auto& shard) { return (shard.counters->*which).get(); }));
  }
  void gauge(std::string_view name, std::string_view help, Counter Counters::*which) const {
    page.gauge(name, help, of([&](const auto& shard) { return (shard.counters->*which).get(); }));
  }
  void counter(std::string_view name, std::string_view help, Counter RouterCounters::*which,
               MetricsPage::Labels labels = {}) const {
    page.counter(name, help, of([&](const auto& shard) { return (shard.router->*which).get(); }), labels);
  }
  void gauge(std::string_view name, std::string_view help, cluster::RouterGauge RouterCounters::*which) const {
    page.gauge(name, help, of([&](const auto& shard) { return (shard.router->*which).get(); }));
  }
};

void write_traffic(const Sums& sums) {
  for (std::size_t qos = 0; qos < 3; ++qos) {
    sums.page.counter("mqttzoo_messages_received_total", "PUBLISH packets from clients.",
                      sums.core([&](const Counters& c) -> const Counter& { return c.publishes_received[qos]; }),
                      {{"qos", qos_names[qos]}});
    sums.page.counter("mqttzoo_messages_sent_total", "PUBLISH packets to clients.",
                      sums.core([&](const Counters& c) -> const Counter& { return c.publishes_sent[qos]; }),
                      {{"qos", qos_names[qos]}});
  }
  sums.counter("mqttzoo_message_bytes_received_total", "Payload bytes from clients.",
               &Counters::publish_bytes_received);
  sums.counter("mqttzoo_message_bytes_sent_total", "Payload bytes to clients.", &Counters::publish_bytes_sent);
  sums.counter("mqttzoo_packets_received_total", "MQTT packets from clients.", &Counters::packets_received);
  sums.counter("mqttzoo_packets_sent_total", "MQTT packets to clients.", &Counters::packets_sent);
  sums.counter("mqttzoo_bytes_received_total", "Bytes from clients.", &Counters::bytes_received);
  sums.counter("mqttzoo_bytes_sent_total", "Bytes to clients.", &Counters::bytes_sent);
  sums.counter("mqttzoo_duplicates_ignored_total", "QoS 2 PUBLISH packets that had been received before.",
               &Counters::repeated_publishes_ignored);
  for (std::size_t reason = 0; reason < core::drop_reason_count; ++reason) {
    sums.page.counter("mqttzoo_messages_dropped_total", "Messages that matched a subscription and were not delivered.",
                      sums.core([&](const Counters& c) -> const Counter& { return c.drops[reason]; }),
                      {{"reason", core::to_string(static_cast<core::DropReason>(reason))}});
  }
}

void write_clients(const Sums& sums, const net::NetCounters& net) {
  sums.gauge("mqttzoo_connections", "Open client sockets.", &Counters::connections);
  sums.gauge("mqttzoo_clients_connected", "Clients with an accepted CONNECT.", &Counters::connections_accepted);
  sums.gauge("mqttzoo_subscriptions", "Subscriptions of all sessions.", &Counters::subscriptions);
  sums.gauge("mqttzoo_shared_subscriptions", "Of those: Shared Subscriptions.", &Counters::shared_subscriptions);
  sums.gauge("mqttzoo_queued_messages", "Messages that wait in sessions.", &Counters::queued_messages);
  sums.counter("mqttzoo_connections_opened_total", "Client sockets accepted.", &Counters::connections_opened);
  sums.page.counter("mqttzoo_connections_over_limit_total", "Client sockets closed at a limit of connections.",
                    sums.core([](const Counters& c) -> const Counter& { return c.connections_over_limit; }) +
                        static_cast<double>(net.sockets_over_limit.load()));
  sums.counter("mqttzoo_logins_refused_total", "Clients that did not prove who they are.", &Counters::logins_refused);
  sums.counter("mqttzoo_logins_over_limit_total", "Clients refused since too many passwords waited to be checked.",
               &Counters::logins_over_limit);
  sums.counter("mqttzoo_protocol_errors_total", "Connections ended for malformed packets or broken rules.",
               &Counters::protocol_errors);
  for (std::size_t cause = 0; cause < core::end_cause_count; ++cause) {
    sums.page.counter("mqttzoo_connections_ended_total", "Connections ended, by cause.",
                      sums.core([&](const Counters& c) -> const Counter& { return c.connection_ends[cause]; }),
                      {{"cause", core::to_string(static_cast<core::EndCause>(cause))}});
  }
  sums.page.counter("mqttzoo_accept_pauses_total", "Times when no socket could be accepted (open files, memory).",
                    static_cast<double>(net.accept_pauses.load()));
}

void write_peers(const Sums& sums, const net::NetCounters& net) {
  sums.counter("mqttzoo_peer_frames_sent_total", "Frames of messages to other brokers.", &RouterCounters::frames_sent);
  sums.counter("mqttzoo_peer_messages_sent_total", "Messages to other brokers.", &RouterCounters::messages_sent);
  sums.counter("mqttzoo_peer_messages_resent_total", "Of those: sent before.", &RouterCounters::messages_resent);
  sums.counter("mqttzoo_peer_frames_received_total", "Frames of messages from other brokers.",
               &RouterCounters::frames_received);
  sums.counter("mqttzoo_peer_messages_received_total", "Messages from other brokers.",
               &RouterCounters::messages_received);
  sums.counter("mqttzoo_peer_duplicates_total", "Of those: known already.", &RouterCounters::duplicates_received);
  sums.counter("mqttzoo_peer_frames_refused_total", "Frames of another view.", &RouterCounters::frames_refused,
               {{"by", "this"}});
  sums.counter("mqttzoo_peer_frames_refused_total", "Frames of another view.", &RouterCounters::frames_refused_by_peer,
               {{"by", "peer"}});
  sums.counter("mqttzoo_shard_messages_total", "Messages handed to another thread.",
               &RouterCounters::messages_handed_to_shards);
  sums.counter("mqttzoo_peer_protocol_errors_total", "Peer links ended for what stood in a frame.",
               &RouterCounters::protocol_errors);
  sums.page.counter("mqttzoo_peer_links_refused_total", "Sockets on the cluster port that were turned away.",
                    static_cast<double>(net.peer_links_refused.load()));
  sums.page.counter("mqttzoo_peer_links_broken_total", "Peer links ended for breaking the protocol.",
                    static_cast<double>(net.peer_links_broken.load()));
}

void write_router(const Sums& sums) {
  constexpr std::string_view dropped = "mqttzoo_route_dropped_total";
  constexpr std::string_view dropped_help = "QoS 0 messages not sent to an interested broker.";
  sums.counter(dropped, dropped_help, &RouterCounters::dropped_link_down, {{"reason", "link_down"}});
  sums.counter(dropped, dropped_help, &RouterCounters::dropped_link_full, {{"reason", "link_full"}});
  sums.counter(dropped, dropped_help, &RouterCounters::dropped_lane_full, {{"reason", "lane_full"}});
  sums.counter("mqttzoo_unreachable_dropped_total", "QoS 1 and 2 messages not sent to a member out of reach.",
               &RouterCounters::dropped_unreachable);
  sums.counter("mqttzoo_shared_chosen_again_total",
               "Messages for Shared Subscriptions whose first choice could not take them, or has left.",
               &RouterCounters::shared_chosen_again);
  sums.counter("mqttzoo_shared_declined_total", "Messages of other brokers that no member here could take.",
               &RouterCounters::shared_declined);
  sums.counter("mqttzoo_shared_dropped_total",
               "Messages for Shared Subscriptions without a member left, or with room for them.",
               &RouterCounters::dropped_no_member);
  sums.counter("mqttzoo_publishes_refused_total", "QoS 1 and 2 publishes answered with 0x97.",
               &RouterCounters::refused_window_full);
  sums.counter("mqttzoo_publishes_over_limit_total", "Publishes kept above the limit of the unfinished window.",
               &RouterCounters::accepted_over_limit);
  sums.counter("mqttzoo_publishes_forgotten_total", "Unacknowledged publishes when this broker was removed.",
               &RouterCounters::publishes_forgotten);
  sums.gauge("mqttzoo_unfinished_messages", "Publishes that wait for other brokers.", &RouterCounters::unfinished_now);
  sums.gauge("mqttzoo_unfinished_bytes", "Bytes of all publishes that wait.", &RouterCounters::unfinished_bytes_now);
  sums.gauge("mqttzoo_held_messages", "Publishes that wait for the right to act.", &RouterCounters::held_now);
  sums.gauge("mqttzoo_retained_waiting", "Publishes that wait for a retained commit.", &RouterCounters::lanes_now);
  sums.gauge("mqttzoo_subscribes_waiting", "SUBSCRIBE packets that wait for the cluster.",
             &RouterCounters::settling_now);
  sums.gauge("mqttzoo_registrations", "Client Identifiers registered at this broker as home.",
             &RouterCounters::registrations_now);
  sums.gauge("mqttzoo_partitions", "Partitions whose home is this broker.", &RouterCounters::partitions_now);
  sums.gauge("mqttzoo_partition_copies", "Copies that this broker keeps of other brokers' partitions.",
             &RouterCounters::copies_now);
  sums.gauge("mqttzoo_partition_log_bytes", "Bytes of records that copies of this broker's partitions lack.",
             &RouterCounters::log_bytes_now);
  sums.counter("mqttzoo_partition_records_total", "Records of partitions, by direction.",
               &RouterCounters::records_appended, {{"direction", "written"}});
  sums.counter("mqttzoo_partition_records_total", "Records of partitions, by direction.",
               &RouterCounters::records_received, {{"direction", "received"}});
  sums.counter("mqttzoo_partition_frames_refused_total", "Frames with records of another view; they come again.",
               &RouterCounters::records_refused);
  sums.counter("mqttzoo_registrations_granted_total", "Connections granted as home.",
               &RouterCounters::registrations_granted);
  sums.counter("mqttzoo_admitted_without_home_total", "Clean sessions admitted while no home was in reach.",
               &RouterCounters::admitted_without_home);
  sums.counter("mqttzoo_evictions_total", "Connections that a home ended.", &RouterCounters::evictions);
  sums.counter("mqttzoo_wills_total", "Wills, by what became of them.", &RouterCounters::wills_published,
               {{"outcome", "published"}});
  sums.counter("mqttzoo_wills_total", "Wills, by what became of them.", &RouterCounters::wills_dropped,
               {{"outcome", "dropped"}});
  sums.counter("mqttzoo_wills_total", "Wills, by what became of them.", &RouterCounters::wills_denied,
               {{"outcome", "denied"}});
  sums.counter("mqttzoo_wills_total", "Wills, by what became of them.", &RouterCounters::wills_lost,
               {{"outcome", "lost"}});
}

void write_sessions(const Sums& sums) {
  constexpr std::string_view ended = "mqttzoo_sessions_ended_total";
  constexpr std::string_view ended_help = "Persistent sessions that ended without their client asking for it.";
  constexpr std::string_view left_out = "mqttzoo_session_messages_left_out_total";
  constexpr std::string_view left_out_help = "Messages from a session at another thread or broker, not sent on.";
  sums.gauge("mqttzoo_persistent_sessions", "Persistent sessions whose home is this broker.",
             &Counters::persistent_sessions);
  sums.gauge("mqttzoo_session_channels", "Of those: served by a connection of another thread or broker.",
             &RouterCounters::channels_now);
  sums.counter("mqttzoo_sessions_refused_total", "CONNECT packets refused for want of room for a session.",
               &Counters::sessions_over_limit);
  sums.counter("mqttzoo_sessions_without_home_total", "CONNECT packets refused while no home was in reach.",
               &RouterCounters::refused_without_home);
  sums.counter("mqttzoo_redirected_total", "Clients sent to the home of their session.", &RouterCounters::redirected);
  sums.counter("mqttzoo_sessions_cut_off_total", "Connections to persistent sessions ended for want of ZooKeeper.",
               &RouterCounters::sessions_cut_off);
  sums.page.counter(ended, ended_help,
                    sums.core([](const Counters& c) -> const Counter& { return c.sessions_expired; }),
                    {{"reason", "expired"}});
  sums.page.counter(ended, ended_help,
                    sums.core([](const Counters& c) -> const Counter& { return c.sessions_discarded; }),
                    {{"reason", "home_moved"}});
  sums.counter(left_out, left_out_help, &RouterCounters::dropped_client_full, {{"reason", "output_full"}});
  sums.counter(left_out, left_out_help, &RouterCounters::dropped_client_too_large,
               {{"reason", "larger_than_client_takes"}});
}

void write_control(const ControlPicture& picture, MetricsPage& page) {
  const cluster::ControlStatus& status = picture.status;
  page.gauge("mqttzoo_view_number", "Number of the view.", static_cast<double>(status.view_number));
  page.gauge("mqttzoo_view_members", "Brokers in the view.", static_cast<double>(status.members.size()));
  page.gauge("mqttzoo_ready", "1: ready, as /readyz says.", status.readiness.ready && picture.retained.loaded ? 1 : 0);
  page.gauge("mqttzoo_acting", "1: this broker may acknowledge.", status.acting ? 1 : 0);
  page.gauge("mqttzoo_coordination_lost", "1: no lease: /readyz says what is refused.",
             status.coordination == cluster::Coordination::held ? 0 : 1);
  page.gauge("mqttzoo_serving_without_coordination", "1: no lease, and everything is served all the same.",
             status.coordination == cluster::Coordination::serving ? 1 : 0);
  page.gauge("mqttzoo_controller", "1: this broker holds the controller's office.", status.controller ? 1 : 0);
  page.gauge("mqttzoo_interest_filters", "Distinct filters of this broker's subscriptions.",
             static_cast<double>(status.interest_filters));
  page.gauge("mqttzoo_interest_unsettled", "Changes of interest that wait for confirmation.",
             static_cast<double>(status.interest_unsettled));
  page.counter("mqttzoo_views_entered_total", "Views entered.", static_cast<double>(status.views_entered));
  page.counter("mqttzoo_heartbeats_missed_total", "Heartbeats that ZooKeeper did not take.",
               static_cast<double>(status.heartbeats_missed));
}

void write_retained(const ControlPicture& picture, MetricsPage& page) {
  const cluster::RetainedCounters& retained = picture.retained.counters;
  const auto outcome = [&](std::string_view what, std::string_view reason, std::uint64_t count) {
    page.counter("mqttzoo_retained_publishes_total", "Retained publishes, by what became of them.",
                 static_cast<double>(count), {{"outcome", what}, {"reason", reason}});
  };
  page.gauge("mqttzoo_retained_messages", "Retained messages known to this broker.",
             static_cast<double>(picture.retained.messages));
  page.gauge("mqttzoo_retained_credit_bytes", "What they cost of the Bank.",
             static_cast<double>(picture.retained.credit_bytes));
  outcome("stored", "", retained.stored);
  outcome("refused", "bank", retained.refused_bank);
  outcome("refused", "too_large", retained.refused_too_large);
  outcome("refused", "full", retained.refused_full);
  outcome("refused", "cut_off", retained.refused_cut_off);
  outcome("live_only", "bank", retained.live_only_bank);
  outcome("live_only", "too_large", retained.live_only_too_large);
  outcome("live_only", "full", retained.live_only_full);
  outcome("live_only", "cut_off", retained.live_only_cut_off);
  page.counter("mqttzoo_retained_commits_total", "Group commits.", static_cast<double>(retained.commits));
  page.counter("mqttzoo_retained_commits_repeated_total", "Commits made again, since a topic had changed.",
               static_cast<double>(retained.commits_repeated));
  page.counter("mqttzoo_retained_reads_total", "Reads for new subscriptions.", static_cast<double>(retained.reads));
  page.counter("mqttzoo_retained_reads_cut_off_total", "Reads answered without contact with ZooKeeper.",
               static_cast<double>(retained.reads_cut_off));
  page.counter("mqttzoo_retained_reads_cut_short_total",
               "SUBSCRIBE packets that matched more retained messages than they may.",
               static_cast<double>(retained.reads_cut_short));
  page.counter("mqttzoo_retained_swept_total", "Expired values removed from ZooKeeper by this broker.",
               static_cast<double>(retained.swept));
}

void write_process(MetricsPage& page) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  page.counter("process_cpu_seconds_total", "CPU time of the process, user and system.",
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
  long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  page.gauge("process_resident_memory_bytes", "Resident memory.",
             static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  page.counter("mqttzoo_log_lines_dropped_total", "Log lines that nobody read in time.",
               static_cast<double>(ops::log_lines_dropped()));
  page.gauge("mqttzoo_info", "The version.", 1, {{"version", MQTTZOO_VERSION}});
}

}  // namespace

ops::HttpAnswer NodeCounters::metrics() const {
  MetricsPage page;
  const Sums sums{shards_, page};
  const ControlPicture now = picture();
  write_traffic(sums);
  write_clients(sums, net_);
  write_peers(sums, net_);
  write_router(sums);
  write_sessions(sums);
  write_control(now, page);
  write_retained(now, page);
  write_process(page);
  return {200, std::string(MetricsPage::content_type), page.text()};
}

}  // namespace mqttzoo
