#include "broker/cluster/ensemble/cluster_tree.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

namespace {

constexpr std::array paths{znode::brokers, znode::leases, znode::incarnations};

bool is_cluster_id(const std::string& id) {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char character) { return character > 0x20 && character < 0x7F; });
}

}  // namespace

ClusterTree::ClusterTree(Coordinator& coordinator, std::string id_if_new, const ControlLimits& limits,
                         ControlReporter& reporter)
    : coordinator_(coordinator), id_if_new_(std::move(id_if_new)), reporter_(reporter), attempt_(limits.retry_ms) {}

void ClusterTree::session_began() {
  scope_.renew();
  attempt_.reset();
}

void ClusterTree::step(core::Milliseconds now) {
  if (is_ready() || !attempt_.may_start(now)) return;
  attempt_.start();
  if (paths_exist_)
    create_cluster();
  else
    create_paths();
}

void ClusterTree::create_paths() {
  answers_awaited_ = paths.size();
  some_failed_ = false;
  for (const char* const path : paths) {
    coordinator_.create(path, "", CreateMode::persistent,
                        scope_.guard([this, path](CoordinatorStatus status, const auto&) {
                          if (status != CoordinatorStatus::ok && status != CoordinatorStatus::node_exists) {
                            some_failed_ = true;
                            refused(path, status);
                          }
                          if (--answers_awaited_ > 0) return;
                          paths_exist_ = !some_failed_;
                          paths_exist_ ? attempt_.succeeded() : attempt_.failed();
                        }));
  }
}

void ClusterTree::create_cluster() {
  coordinator_.create(znode::cluster, id_if_new_, CreateMode::persistent,
                      scope_.guard([this](CoordinatorStatus status, const auto&) {
                        // After a lost answer, too, what stands there decides.
                        if (status == CoordinatorStatus::ok || status == CoordinatorStatus::node_exists)
                          return read_cluster();
                        refused(znode::cluster, status);
                        attempt_.failed();
                      }));
}

void ClusterTree::read_cluster() {
  coordinator_.get(znode::cluster, nullptr,
                   scope_.guard([this](CoordinatorStatus status, std::string id, const ZnodeStat&) {
                     if (status == CoordinatorStatus::ok) return take_cluster(std::move(id));
                     attempt_.failed();
                   }));
}

void ClusterTree::take_cluster(std::string id) {
  if (is_cluster_id(id)) {
    attempt_.succeeded();
    cluster_ = std::move(id);
    reporter_.report(ReportLevel::info, "the cluster is " + cluster_);
    return;
  }
  attempt_.failed();
  if (!std::exchange(said_refused_, true))
    reporter_.report(ReportLevel::error,
                     "the znode /cluster does not hold a cluster's id: remove it, or name another chroot");
}

void ClusterTree::refused(const char* path, CoordinatorStatus status) {
  if (is_lost(status)) return;
  if (!std::exchange(said_refused_, true))
    reporter_.report(ReportLevel::error,
                     std::string("ZooKeeper does not let us create ") + path + ": " + to_string(status));
}

}  // namespace mqttzoo::cluster
