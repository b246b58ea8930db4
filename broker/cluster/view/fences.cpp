#include "broker/cluster/view/fences.hpp"

#include <algorithm>

namespace mqttzoo::cluster {

void Fences::removed(const Incarnation& incarnation, ViewNumber in_view) {
  const auto [fence, is_new] = fences_.try_emplace(incarnation);
  if (!is_new) return;
  fence->second.in_view = in_view;
  fence->second.certain = left_.erase(incarnation) > 0;
}

void Fences::left(const Incarnation& incarnation) {
  if (const auto fence = fences_.find(incarnation); fence != fences_.end())
    fence->second.certain = true;
  else
    left_.insert(incarnation);
}

void Fences::listed(ViewNumber view, const std::function<bool(const Incarnation&)>& registered) {
  for (auto& [incarnation, fence] : fences_)
    if (!fence.over && view >= fence.in_view && !registered(incarnation)) fence.certain = true;
}

void Fences::keep_only(const View& view) {
  std::erase_if(fences_, [&](const auto& entry) { return entry.second.over && !view.lists_removed(entry.first); });
  std::erase_if(left_, [&](const Incarnation& incarnation) { return !view.find(incarnation); });
}

std::vector<Incarnation> Fences::step(core::Milliseconds now) {
  std::vector<Incarnation> ended;
  for (auto& [incarnation, fence] : fences_) {
    if (!fence.since) fence.since = now;
    if (fence.over || (!fence.certain && now - *fence.since < fence_ms_)) continue;
    fence.over = true;
    ended.push_back(incarnation);
  }
  return ended;
}

std::set<Incarnation> Fences::pending() const {
  std::set<Incarnation> pending;
  for (const auto& [incarnation, fence] : fences_)
    if (!fence.over) pending.insert(incarnation);
  return pending;
}

bool Fences::is_over(const Incarnation& incarnation) const {
  const auto fence = fences_.find(incarnation);
  return fence != fences_.end() && fence->second.over;
}

std::vector<Incarnation> Fences::over() const {
  std::vector<Incarnation> over;
  for (const auto& [incarnation, fence] : fences_)
    if (fence.over) over.push_back(incarnation);
  return over;
}

bool Fences::is_older_than(const Incarnation& incarnation, core::Milliseconds age, core::Milliseconds now) const {
  const auto fence = fences_.find(incarnation);
  return fence != fences_.end() && fence->second.over && fence->second.since && now - *fence->second.since >= age;
}

}  // namespace mqttzoo::cluster
