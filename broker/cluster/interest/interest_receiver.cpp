#include "broker/cluster/interest/interest_receiver.hpp"

#include <algorithm>
#include <utility>

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

void InterestReceiver::restart() {
  sequence_.reset();
  gathering_ = false;
  gathered_ = {};
}

InterestReceiver::Outcome InterestReceiver::snapshot(proto::InterestSnapshot&& part) {
  if (!gathering_) {
    gathered_ = {.replace = true, .sequence = part.sequence(), .added = {}, .removed = {}};
    bytes_ = 0;
    gathering_ = true;
  } else if (part.sequence() != gathered_.sequence) {
    return refuse("parts of different snapshots are mixed");
  }
  if (!move_filters(*part.mutable_filters(), gathered_.added, bytes_)) return refuse("an empty filter");
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
  bytes_ -= std::min(bytes_, removed_bytes);
  if (bytes_ > bytes_max_) return refuse("its interest is over our limit");
  sequence_ = delta.sequence();
  return {std::move(change), nullptr};
}

}  // namespace mqttzoo::cluster
