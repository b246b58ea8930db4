#include "broker/cluster/retained/local_retained_store.hpp"

#include <utility>

#include "broker/cluster/retained/bank.hpp"
#include "broker/cluster/retained/retained_record.hpp"

namespace mqttzoo::cluster {

RetainedAnswer store_locally(RetainedCache& cache, core::MessageRef message, const RetainedOptions& options,
                             RetainedCounters& counters) {
  const auto& view = message->view();
  if (view.payload.empty()) {
    cache.forget(view.topic);
    return {};
  }
  if (!cache.find(view.topic) && cache.local_values() >= options.local_values_max)
    return refuse(RetainedRefusal::full, false, counters);
  RetainedEntry entry;
  entry.topic = view.topic;
  entry.local = true;
  entry.expires_at = view.expires_at;
  entry.message = std::move(message);
  cache.forget(entry.topic);
  cache.put(std::move(entry));
  return {};
}

void LocalRetainedStore::store(core::MessageRef message, bool refusable, StoreCallback done) {
  const auto answer = is_local_topic(message->view().topic)
                          ? store_locally(cache_, std::move(message), options_, counters_)
                          : store_value(std::move(message), refusable);
  done(answer.outcome, answer.reason);
}

RetainedAnswer LocalRetainedStore::store_value(core::MessageRef message, bool refusable) {
  const auto& view = message->view();
  const RetainedEntry* known = cache_.find(view.topic);
  if (view.payload.empty()) {
    if (known) remove(*known);
    message->set_retained_version(++last_version_);
    ++counters_.stored;
    return {};
  }
  if (view.payload.size() + view.properties.size() > options_.value_bytes_max)
    return refuse(RetainedRefusal::too_large, refusable, counters_);
  const auto cost = credit_bytes(view.topic, view.payload.size(), view.properties.size(), view.source.size());
  if (cost > credit_left_ + (known ? known->credit_bytes : 0)) {
    sweep();
    known = cache_.find(view.topic);
    if (cost > credit_left_ + (known ? known->credit_bytes : 0))
      return refuse(RetainedRefusal::bank, refusable, counters_);
  }
  if (!known && cache_.values() - cache_.local_values() >= options_.values_max)
    return refuse(RetainedRefusal::full, refusable, counters_);
  credit_left_ += known ? known->credit_bytes : 0;
  credit_left_ -= cost;
  message->set_retained_version(++last_version_);
  ++counters_.stored;
  RetainedEntry entry;
  entry.topic = view.topic;
  entry.expires_at = view.expires_at;
  if (entry.expires_at == 0 && options_.retain_ttl_ms > 0) entry.expires_at = clock_.now() + options_.retain_ttl_ms;
  entry.version = last_version_;
  entry.credit_bytes = cost;
  entry.message = message_with_expiry(std::move(message), entry.expires_at);
  entry.message->set_retained_version(last_version_);
  cache_.put(std::move(entry));
  return {};
}

void LocalRetainedStore::remove(const RetainedEntry& entry) {
  credit_left_ += entry.credit_bytes;
  cache_.forget(std::string(entry.topic));
}

void LocalRetainedStore::read(std::vector<std::string> filters, ReadCallback done) {
  ++counters_.reads;
  waiting_.push_back({std::move(filters), std::move(done)});
  answer_reads();
}

void LocalRetainedStore::answer_reads() {
  while (!waiting_.empty() && steps_in_tick_ < options_.read_steps_per_tick) {
    const Read read = std::move(waiting_.front());
    waiting_.pop_front();
    ReadBudget budget{options_.read_steps_max, options_.read_matches_max};
    std::vector<core::RetainedMatch> matches;
    if (!cache_.read(read.filters, clock_.now(), budget, matches)) ++counters_.reads_cut_short;
    steps_in_tick_ += options_.read_steps_max - budget.steps;
    read.done(std::move(matches));
  }
}

void LocalRetainedStore::tick(core::Milliseconds now) {
  clock_.advance(now);
  sweep();
  steps_in_tick_ = 0;
  answer_reads();
}

void LocalRetainedStore::sweep() {
  for (const auto* entry : cache_.due(clock_.now(), options_.sweep_topics_max)) {
    remove(*entry);
    ++counters_.swept;
  }
}

}  // namespace mqttzoo::cluster
