#include "tests/support/fake_znode_tree.hpp"

#include <cstdio>

#include "broker/common/ensure.hpp"

namespace mqttzoo::support {

std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

const FakeZnode* FakeZnodeTree::find(std::string_view path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

void FakeZnodeTree::apply(const FakeChange& change, std::int64_t zxid, std::int64_t time_ms) {
  if (change.kind == FakeChange::Kind::set) {
    auto& node = nodes_.at(change.path);
    node.data = change.data;
    node.stat.modified_zxid = zxid;
    node.stat.modified_time_ms = time_ms;
    ++node.stat.version;
    return;
  }
  auto& parent = nodes_.at(parent_of(change.path));
  parent.children_zxid = zxid;
  const auto name = change.path.substr(change.path.rfind('/') + 1);
  if (change.kind == FakeChange::Kind::remove) {
    parent.children.erase(name);
    const auto node = nodes_.find(change.path);
    if (node->second.stat.ephemeral_owner != 0) ephemerals_[node->second.stat.ephemeral_owner].erase(change.path);
    nodes_.erase(node);
    return;
  }
  parent.children.insert(name);
  ++parent.children_created;
  auto& node = nodes_[change.path];
  node.data = change.data;
  node.children_zxid = zxid;
  node.stat = {.created_zxid = zxid,
               .modified_zxid = zxid,
               .modified_time_ms = time_ms,
               .ephemeral_owner = change.ephemeral_owner,
               .version = 0};
  if (change.ephemeral_owner != 0) ephemerals_[change.ephemeral_owner].insert(change.path);
}

const std::set<std::string>& FakeZnodeTree::ephemerals_of(std::int64_t session_id) const {
  static const std::set<std::string> none;
  const auto found = ephemerals_.find(session_id);
  return found == ephemerals_.end() ? none : found->second;
}

cluster::CoordinatorStatus FakeProposal::check(const std::vector<cluster::MultiOperation>& operations,
                                               std::vector<cluster::MultiResult>& results) {
  results.assign(operations.size(), {});
  for (std::size_t index = 0; index < operations.size(); ++index) {
    results[index].status = check(operations[index], results[index]);
    if (results[index].status == Status::ok) continue;
    changes_.clear();
    return results[index].status;
  }
  return Status::ok;
}

FakeProposal::Record& FakeProposal::record(const std::string& path) {
  const auto [entry, is_new] = records_.try_emplace(path);
  auto& record = entry->second;
  if (!is_new) return record;
  if (const auto* node = tree_.find(path)) {
    record = {.exists = true,
              .version = node->stat.version,
              .children = node->children.size(),
              .children_created = node->children_created,
              .ephemeral_owner = node->stat.ephemeral_owner};
  }
  return record;
}

cluster::CoordinatorStatus FakeProposal::check(const cluster::MultiOperation& operation, cluster::MultiResult& result) {
  using Kind = cluster::MultiOperation::Kind;
  if (operation.kind == Kind::create) return check_create(operation, result);
  auto& node = record(operation.path);
  if (!node.exists) return Status::no_node;
  if (operation.version != cluster::any_version && operation.version != node.version) return Status::bad_version;
  if (operation.kind == Kind::check) return Status::ok;
  if (operation.kind == Kind::set) {
    ++node.version;
    changes_.push_back({FakeChange::Kind::set, operation.path, operation.data, 0});
    return Status::ok;
  }
  if (operation.path == "/") return Status::failed;
  if (node.children != 0) return Status::not_empty;
  node.exists = false;
  --record(parent_of(operation.path)).children;
  changes_.push_back({FakeChange::Kind::remove, operation.path, {}, 0});
  return Status::ok;
}

cluster::CoordinatorStatus FakeProposal::check_create(const cluster::MultiOperation& operation,
                                                      cluster::MultiResult& result) {
  using Mode = cluster::CreateMode;
  if (operation.path == "/") return Status::node_exists;
  auto& parent = record(parent_of(operation.path));
  if (!parent.exists) return Status::no_node;
  std::string path = operation.path;
  if (operation.mode == Mode::persistent_sequential) {
    char number[16];
    std::snprintf(number, sizeof(number), "%010u", parent.children_created);
    path += number;
  }
  if (parent.ephemeral_owner != 0) return Status::failed;  // ephemerals have no children
  auto& node = record(path);
  if (node.exists) return Status::node_exists;
  const auto owner = operation.mode == Mode::ephemeral ? session_id_ : 0;
  node = {.exists = true, .version = 0, .children = 0, .children_created = 0, .ephemeral_owner = owner};
  ++parent.children;
  ++parent.children_created;
  changes_.push_back({FakeChange::Kind::create, path, operation.data, owner});
  result.created_path = path;
  return Status::ok;
}

}  // namespace mqttzoo::support
