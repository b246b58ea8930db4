#include "broker/cluster/retained/retained_cache.hpp"

#include <limits>

namespace mqttzoo::cluster {

namespace {

constexpr auto never = std::numeric_limits<core::ClusterMilliseconds>::max();

template <class Number>
void add(Number& sum, std::size_t amount, bool added) {
  sum = added ? sum + amount : sum - amount;
}

}  // namespace

core::ClusterMilliseconds RetainedCache::due_time(const RetainedEntry& entry) {
  if (entry.local || entry.kind == RetainedEntry::Kind::unreadable) return never;
  if (entry.kind == RetainedEntry::Kind::deleted) return 0;
  return entry.expires_at == 0 ? never : entry.expires_at;
}

void RetainedCache::count(const RetainedEntry& entry, bool added) {
  const bool is_value = entry.kind == RetainedEntry::Kind::value;
  add(values_, is_value ? 1 : 0, added);
  add(local_values_, entry.local ? 1 : 0, added);
  add(znodes_, entry.local ? 0 : 1, added);
  add(value_bytes_, entry.message ? entry.message->footprint_bytes() : 0, added);
  add(payload_bytes_, entry.message ? entry.message->view().payload.size() : 0, added);
  add(credit_bytes_, entry.credit_bytes, added);
  const auto time = due_time(entry);
  if (time == never) return;
  if (added) {
    due_.emplace(time, entry.topic);
  } else {
    due_.erase({time, entry.topic});
  }
}

bool RetainedCache::put(RetainedEntry entry) {
  entry.generation = generation_;
  RetainedEntry& known = entries_[entry.topic];
  const bool is_new = known.topic.empty();
  if (!is_new && (known.version > entry.version || known.local != entry.local)) {
    known.generation = generation_;
    return false;
  }
  if (!is_new) count(known, false);
  known = std::move(entry);
  count(known, true);
  return true;
}

void RetainedCache::erase(const RetainedEntry& entry) {
  count(entry, false);
  entries_.erase(std::string(entry.topic));
}

void RetainedCache::remove(std::string_view topic, std::int64_t version) {
  const RetainedEntry* const entry = entries_.find(topic);
  if (entry && !entry->local && entry->version < version) erase(*entry);
}

void RetainedCache::forget(std::string_view topic) {
  if (const RetainedEntry* const entry = entries_.find(topic)) erase(*entry);
}

void RetainedCache::read(std::string_view filter, std::uint32_t filter_index, core::ClusterMilliseconds now,
                         std::vector<core::RetainedMatch>& matches) const {
  entries_.match(filter, [&](const RetainedEntry& entry) {
    if (entry.kind != RetainedEntry::Kind::value || entry.expired(now)) return;
    matches.push_back({filter_index, entry.message});
  });
}

bool RetainedCache::read(const std::vector<std::string>& filters, core::ClusterMilliseconds now, ReadBudget& budget,
                         std::vector<core::RetainedMatch>& matches) const {
  bool suffices = true;
  for (std::uint32_t index = 0; suffices && index < filters.size(); ++index) {
    bool has_room = true;
    const auto take = [&](const RetainedEntry& entry) {
      if (entry.kind != RetainedEntry::Kind::value || entry.expired(now)) return;
      if (matches.size() == budget.matches) {
        has_room = false;
        budget.steps = 0;
        return;
      }
      matches.push_back({index, entry.message});
    };
    suffices = entries_.match(filters[index], take, budget.steps) && has_room;
  }
  return suffices;
}

std::vector<const RetainedEntry*> RetainedCache::due(core::ClusterMilliseconds now, std::size_t count_max) const {
  std::vector<const RetainedEntry*> entries;
  for (const auto& [time, topic] : due_) {
    if (time > now || entries.size() == count_max) break;
    entries.push_back(entries_.find(topic));
  }
  return entries;
}

void RetainedCache::drop_older_generations() {
  std::vector<const RetainedEntry*> gone;
  entries_.for_each([&](const RetainedEntry& entry) {
    if (!entry.local && entry.generation != generation_) gone.push_back(&entry);
  });
  for (const auto* entry : gone) erase(*entry);
}

}  // namespace mqttzoo::cluster
