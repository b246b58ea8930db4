#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/coordinator.hpp"

namespace mqttzoo::support {

struct FakeZnode {
  std::string data;
  cluster::ZnodeStat stat;
  std::int64_t children_zxid = 0;      ///< of the last creation or removal of a child
  std::uint32_t children_created = 0;  ///< the next sequence number below
  std::set<std::string> children;
};

/// One change that was agreed on: versions are checked and names are final.
struct FakeChange {
  enum class Kind : std::uint8_t { create, set, remove };
  Kind kind = Kind::set;
  std::string path;
  std::string data;
  std::int64_t ephemeral_owner = 0;
};

/// What the ensemble agreed on at one zxid: empty when the request was refused.
struct FakeTransaction {
  std::int64_t zxid = 0;
  std::int64_t time_ms = 0;
  std::vector<FakeChange> changes;
};

/// The znodes as one server has them.
class FakeZnodeTree {
 public:
  FakeZnodeTree() { nodes_["/"] = {}; }

  const FakeZnode* find(std::string_view path) const;
  void apply(const FakeChange& change, std::int64_t zxid, std::int64_t time_ms);
  std::int64_t last_zxid() const { return last_zxid_; }
  void set_last_zxid(std::int64_t zxid) { last_zxid_ = zxid; }
  std::size_t size() const { return nodes_.size(); }
  const std::set<std::string>& ephemerals_of(std::int64_t session_id) const;

 private:
  std::map<std::int64_t, std::set<std::string>> ephemerals_;
  std::map<std::string, FakeZnode, std::less<>> nodes_;
  std::int64_t last_zxid_ = 0;
};

/// The path of the znode above; of "/a" it is "/".
std::string parent_of(std::string_view path);

/// Checks the parts of a request one after another against the tree and what the parts before would have made of it, as
/// the leader does, without touching the tree: either all parts become changes, or none.
class FakeProposal {
 public:
  FakeProposal(const FakeZnodeTree& tree, std::int64_t session_id) : tree_(tree), session_id_(session_id) {}

  /// The status of the whole; `results` has one entry per operation.
  cluster::CoordinatorStatus check(const std::vector<cluster::MultiOperation>& operations,
                                   std::vector<cluster::MultiResult>& results);
  std::vector<FakeChange>& changes() { return changes_; }

 private:
  using Status = cluster::CoordinatorStatus;
  struct Record {
    bool exists = false;
    std::int32_t version = -1;
    std::size_t children = 0;
    std::uint32_t children_created = 0;
    std::int64_t ephemeral_owner = 0;
  };

  Record& record(const std::string& path);
  Status check(const cluster::MultiOperation& operation, cluster::MultiResult& result);
  Status check_create(const cluster::MultiOperation& operation, cluster::MultiResult& result);

  const FakeZnodeTree& tree_;
  std::int64_t session_id_;
  std::map<std::string, Record> records_;
  std::vector<FakeChange> changes_;
};

}  // namespace mqttzoo::support
