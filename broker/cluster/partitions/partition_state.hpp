#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/cluster/partitions/partition_marks.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/kept_session.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

/// All that a partition has of one Client Identifier.
struct ClientCopy {
  std::string image;  ///< a serialized proto::ClientImage; empty: neither connection nor will
  std::optional<core::KeptSession> session;
};
using ClientCopies = std::unordered_map<std::string, ClientCopy>;

/// What the records of a partition amount to, where it is not at work: at those who keep copies, and on its way from
/// one primary to the next.
struct PartitionState {
  ClientCopies clients;
  PartitionMarks marks;
  /// The last view in which a primary began without all that the one before it had; 0: none did.
  ViewNumber begun_without = 0;

  /// `complete`: everything before the record has been applied too. Else what it concerns may come later, with the
  /// snapshot. False: it is none.
  bool apply(const proto::LogRecord& record, bool complete);
};

/// The Topic Filters that a record adds, if it does. They are wanted before it is committed.
std::vector<std::string> filters_of(const proto::LogRecord& record);

}  // namespace mqttzoo::cluster
