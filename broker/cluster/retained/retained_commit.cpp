#include "broker/cluster/retained/retained_commit.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/retained/bank.hpp"
#include "broker/cluster/retained/retained_names.hpp"
#include "broker/cluster/retained/retained_record.hpp"
#include "broker/cluster/znode_paths.hpp"
#include "broker/common/ensure.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

using Kind = RetainedCommit::Item::Kind;

namespace {

bool is_written(const RetainedCommit::Item& item) { return item.kind == Kind::create || item.kind == Kind::set; }

}  // namespace

void RetainedCommit::fill(RetainedQueue& queue, std::size_t topics_max) {
  ensure(items_.empty(), "a commit is put together once");
  std::size_t bytes = 0;
  while (items_.size() < topics_max) {
    RetainedQueue::Topic* const topic = queue.take();
    if (!topic) break;
    const RetainedPublish* const publish = topic->value();
    if (!publish) {
      queue.finish(*topic, 0);
      continue;
    }
    Item item = plan(*topic, *publish);
    bytes += item.path.size() + item.value.size();
    if (!items_.empty() && bytes > context_.options.commit_bytes_max) {
      queue.put_back(*topic);
      break;
    }
    items_.push_back(std::move(item));
  }
}

RetainedCommit::Item RetainedCommit::plan(RetainedQueue::Topic& topic, const RetainedPublish& publish) const {
  Item item;
  item.topic = &topic;
  item.path = retained_znode_path(topic.name());
  item.after.topic = topic.name();
  const RetainedEntry* const known = context_.cache.find(topic.name());
  item.known_version = known ? known->znode_version : -1;
  if (publish.message->view().payload.empty()) {
    plan_deletion(item, known);
  } else {
    plan_value(item, publish, known);
  }
  item.after.znode_version = item.kind == Kind::create ? 0 : item.known_version + 1;
  const auto credit_before = known ? known->credit_bytes : 0;
  if (is_written(item))
    item.cost = static_cast<std::int64_t>(item.after.credit_bytes) - static_cast<std::int64_t>(credit_before);
  return item;
}

void RetainedCommit::plan_value(Item& item, const RetainedPublish& publish, const RetainedEntry* known) const {
  const auto& view = publish.message->view();
  item.kind = known ? Kind::set : Kind::create;
  item.after.credit_bytes = credit_bytes(view.topic, view.payload.size(), view.properties.size(), view.source.size());
  item.after.expires_at = publish.expires_at;
  item.after.message = publish.message;
  item.value = encode_retained_value(view, publish.expires_at, item.after.credit_bytes);
}

void RetainedCommit::plan_deletion(Item& item, const RetainedEntry* known) const {
  item.after.kind = RetainedEntry::Kind::deleted;
  if (!known) {
    item.kind = Kind::confirm_absent;
  } else if (known->kind == RetainedEntry::Kind::deleted) {
    item.kind = Kind::confirm_deleted;
  } else {
    item.kind = Kind::set;
    item.after.credit_bytes = std::min(known->credit_bytes, deleted_credit_bytes(known->topic));
    item.value = encode_deleted_value(known->topic, item.after.credit_bytes);
  }
}

std::int64_t RetainedCommit::cost() const {
  std::int64_t cost = 0;
  for (const auto& item : items_) cost += item.cost;
  return cost;
}

void RetainedCommit::drop_unaffordable(RetainedQueue& queue, std::uint64_t credit) {
  auto left = static_cast<std::int64_t>(credit);
  for (const auto& item : items_) left -= std::min<std::int64_t>(item.cost, 0);
  std::vector<Item> affordable;
  for (auto& item : items_) {
    if (item.cost > 0) {
      if (!make_affordable(item, queue, left)) continue;
      left -= item.cost;
    }
    affordable.push_back(std::move(item));
  }
  items_ = std::move(affordable);
}

bool RetainedCommit::make_affordable(Item& item, RetainedQueue& queue, std::int64_t credit) const {
  while (item.cost > credit) {
    RetainedQueue::Topic& topic = *item.topic;
    queue.answer_value(topic, refuse(RetainedRefusal::bank, topic.value()->refusable, context_.counters));
    if (!topic.value()) {
      queue.finish(topic, 0);
      return false;
    }
    item = plan(topic, *topic.value());
  }
  return true;
}

void RetainedCommit::drop_too_large(RetainedQueue& queue) {
  ensure(items_.size() == 1, "only a single value is too large");
  RetainedQueue::Topic& topic = *items_[0].topic;
  queue.answer_value(topic, refuse(RetainedRefusal::too_large, topic.value()->refusable, context_.counters));
  put_back(queue);
}

void RetainedCommit::put_back(RetainedQueue& queue) {
  for (auto item = items_.rbegin(); item != items_.rend(); ++item) queue.put_back(*item->topic);
  items_.clear();
}

std::vector<MultiOperation> RetainedCommit::operations() {
  std::vector<MultiOperation> operations;
  sweep_number_ = context_.sweep_number;
  operations.push_back(
      {.kind = MultiOperation::Kind::check, .path = znode::topics, .data = {}, .version = sweep_number_});
  proto::RetainedChanges changes;
  for (const auto& item : items_) {
    if (!is_written(item)) continue;
    auto& change = *changes.add_changes();
    change.set_topic(item.after.topic);
    change.set_znode_version(item.after.znode_version);
    if (item.value.size() <= context_.options.logged_value_bytes_max) change.set_value(item.value);
  }
  log_entry_ = changes.changes_size() > 0;
  if (log_entry_) {
    operations.push_back({.kind = MultiOperation::Kind::create,
                          .path = znode::new_change,
                          .data = changes.SerializeAsString(),
                          .version = any_version,
                          .mode = CreateMode::persistent_sequential});
  }
  first_parts_.clear();
  for (const auto& item : items_) {
    first_parts_.push_back(operations.size());
    append_parts(item, operations);
  }
  return operations;
}

void RetainedCommit::append_parts(const Item& item, std::vector<MultiOperation>& operations) const {
  using Part = MultiOperation::Kind;
  switch (item.kind) {
    case Kind::create:
      operations.push_back({.kind = Part::create, .path = item.path, .data = item.value});
      break;
    case Kind::set:
      operations.push_back({.kind = Part::set, .path = item.path, .data = item.value, .version = item.known_version});
      break;
    case Kind::confirm_absent:
      operations.push_back({.kind = Part::create, .path = item.path, .data = {}});
      operations.push_back({.kind = Part::remove, .path = item.path, .data = {}});
      break;
    case Kind::confirm_deleted:
      operations.push_back({.kind = Part::check, .path = item.path, .data = {}, .version = item.known_version});
      break;
  }
}

const RetainedCommit::Item* RetainedCommit::item_of_part(std::size_t part) const {
  const auto next = std::upper_bound(first_parts_.begin(), first_parts_.end(), part);
  return next == first_parts_.begin() ? nullptr : &items_[static_cast<std::size_t>(next - first_parts_.begin() - 1)];
}

void RetainedCommit::carried_out(RetainedQueue& queue, std::int64_t zxid, bool found_out_later) {
  for (auto& item : items_) {
    queue.finish(*item.topic, zxid);
    if (!is_written(item) || found_out_later) continue;
    item.after.version = zxid;
    if (item.after.message) {
      // A message whose publisher got its answer before is with the shards already: it cannot be written to any more.
      auto kept = message_with_expiry(item.after.message, item.after.expires_at);
      if (kept->retained_version() != zxid && &*kept == &*item.after.message)
        kept = core::MessageRef::copy_of(kept->view());
      kept->set_retained_version(zxid);
      item.after.message = std::move(kept);
    }
    context_.cache.put(std::move(item.after));
  }
  items_.clear();
}

}  // namespace mqttzoo::cluster
