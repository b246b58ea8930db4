#include "broker/cluster/view/view_entry.hpp"

#include <algorithm>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

void ViewEntry::identify(Incarnation self) {
  self_ = std::move(self);
  ready_.clear();
  acting_ = false;
}

bool ViewEntry::enter(SharedView view) {
  if (view->number <= number()) return false;
  view_ = std::move(view);
  tell_shards();
  return true;
}

void ViewEntry::repeat() {
  if (view_) tell_shards();
}

void ViewEntry::tell_shards() {
  since_.reset();
  acting_ = false;
  for (core::ShardIndex shard = 0; shard < entered_.size(); ++shard) shards_.send_to_shard(shard, EnterView{view_});
}

void ViewEntry::shard_entered(core::ShardIndex shard, ViewNumber number) {
  ensure(shard < entered_.size() && number >= entered_[shard] && number <= this->number(),
         "a shard enters the views that it is told, in order");
  entered_[shard] = number;
}

void ViewEntry::ready(const Incarnation& member, ViewNumber number) {
  ViewNumber& last = ready_[member];
  last = std::max(last, number);
}

bool ViewEntry::step(core::Milliseconds now) {
  if (!view_) return false;
  if (!since_) since_ = now;
  if (acting_ || !is_member() || !shards_have_entered() || !awaited().empty()) return false;
  acting_ = true;
  for (core::ShardIndex shard = 0; shard < entered_.size(); ++shard)
    shards_.send_to_shard(shard, ActInView{view_->number});
  return true;
}

bool ViewEntry::shards_have_entered() const {
  return view_ && std::all_of(entered_.begin(), entered_.end(), [&](ViewNumber in) { return in == view_->number; });
}

std::vector<Incarnation> ViewEntry::awaited() const {
  std::vector<Incarnation> awaited;
  if (!view_) return awaited;
  for (const Member& member : view_->members) {
    if (member.incarnation == self_) continue;
    const auto ready = ready_.find(member.incarnation);
    if (ready == ready_.end() || ready->second < view_->number) awaited.push_back(member.incarnation);
  }
  return awaited;
}

std::vector<Incarnation> ViewEntry::overdue(core::Milliseconds now) const {
  if (!since_ || now - *since_ < ready_grace_ms_ || !is_member()) return {};
  return awaited();
}

void ViewEntry::forgive(core::Milliseconds gap) {
  if (since_) *since_ += gap;
}

}  // namespace mqttzoo::cluster
