#include "broker/cluster/interest/interest_receiver.hpp"

#include <algorithm>
#include <utility>

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::cluster {

namespace {

using Filters = google::protobuf::RepeatedPtrField<std::string>;

/// What a filter costs beside its characters, about.
constexpr std::size_t overhead_bytes = 64;

/// False: one of them is empty, which no Topic Filter is.
bool move_filters(Filters& from, std::vector<std::string>& to, std::size_t& bytes) {
  for (std::string& filter : from) {
    if (filter.empty()) return false;
    bytes += filter.size() + overhead_bytes;
    to.push_back(std::move(filter));
  }
  return true;
}

InterestReceiver::Outcome refuse(const char* why) { return {std::nullopt, why}; }

}  // namespace

/// False: one of them is none, or has more able members than members.
bool InterestReceiver::move_shares(Shares& from, std::vector<ShareInterest>& to) {
  for (proto::ShareInterest& share : from) {
    if (!mqtt::parse_shared_filter(share.name()) || share.able_members() > share.members()) return false;
    const std::size_t bytes = share.name().size() + overhead_bytes;
    if (share.members() != 0) {
      if (shares_.insert(share.name()).second) bytes_ += bytes;
    } else if (shares_.erase(share.name()) != 0) {
      bytes_ -= std::min(bytes_, bytes);
    }
    to.push_back({std::move(*share.mutable_name()), {share.members(), share.able_members()}});
  }
  return true;
}

void InterestReceiver::restart() {
  sequence_.reset();
  gathering_ = false;
  gathered_ = {};
}

InterestReceiver::Outcome InterestReceiver::snapshot(proto::InterestSnapshot&& part) {
  if (!gathering_) {
    gathered_ = {.replace = true, .sequence = part.sequence(), .added = {}, .removed = {}};
    bytes_ = 0;
    shares_.clear();
    gathering_ = true;
  } else if (part.sequence() != gathered_.sequence) {
    return refuse("parts of different snapshots are mixed");
  }
  if (!move_filters(*part.mutable_filters(), gathered_.added, bytes_)) return refuse("an empty filter");
  if (!move_shares(*part.mutable_shares(), gathered_.shares)) return refuse("a Shared Subscription that is none");
  if (bytes_ > bytes_max_) return refuse("its interest is over our limit");
  if (part.more()) return {};
  gathering_ = false;
  sequence_ = gathered_.sequence;
  return {std::exchange(gathered_, {}), nullptr};
}

InterestReceiver::Outcome InterestReceiver::delta(proto::InterestDelta&& delta) {
  if (!sequence_ || gathering_) return refuse("an interest delta before the whole snapshot");
  if (delta.sequence() != *sequence_ + 1) return refuse("an interest delta is missing");
  Change change{.replace = false, .sequence = delta.sequence(), .added = {}, .removed = {}};
  std::size_t removed_bytes = 0;
  if (!move_filters(*delta.mutable_added(), change.added, bytes_) ||
      !move_filters(*delta.mutable_removed(), change.removed, removed_bytes))
    return refuse("an empty filter");
  if (!move_shares(*delta.mutable_shares(), change.shares)) return refuse("a Shared Subscription that is none");
  bytes_ -= std::min(bytes_, removed_bytes);
  if (bytes_ > bytes_max_) return refuse("its interest is over our limit");
  sequence_ = delta.sequence();
  return {std::move(change), nullptr};
}

}  // namespace mqttzoo::cluster
