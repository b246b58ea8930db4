#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/retained/retained_cache.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/retained/retained_queue.hpp"

namespace mqttzoo::cluster {

/// One group commit while it is put together: topics with their new values, each on the condition of the znode that the
/// cache knows. The multi of it is all or nothing:
///     block of credit | check /topic (no sweep in between) | /changes entry | one or two parts per topic
class RetainedCommit {
 public:
  struct Item {
    enum class Kind : std::uint8_t {
      create,
      set,
      confirm_absent,   ///< deletes what is not there: creates and removes the znode, which fails if somebody made one
      confirm_deleted,  ///< deletes what is deleted: checks that it still is
    };
    RetainedQueue::Topic* topic = nullptr;
    Kind kind = Kind::create;
    std::string path;
    std::string value;                ///< encoded: create, set
    std::int32_t known_version = -1;  ///< of the znode
    std::int64_t cost = 0;            ///< in credit; negative: pays back
    RetainedEntry after;              ///< for the cache, but for its version
  };

  explicit RetainedCommit(const RetainedContext& context) : context_(context) {}

  /// Takes topics up to the limits of a commit. Topics whose publishes all have their answer leave the queue.
  void fill(RetainedQueue& queue, std::size_t topics_max);
  /// What it costs beyond what it pays back; negative: it pays back.
  std::int64_t cost() const;
  /// Leaves out, with an answer to the publisher, what `credit` cannot pay; an earlier publish may take its place.
  void drop_unaffordable(RetainedQueue& queue, std::uint64_t credit);
  /// Leaves out the only value: the ensemble does not take a packet of its size.
  void drop_too_large(RetainedQueue& queue);
  void put_back(RetainedQueue& queue);

  std::vector<MultiOperation> operations();
  /// The item that a part of the multi belongs to; null: to none.
  const Item* item_of_part(std::size_t part) const;
  bool has_log_entry() const { return log_entry_; }
  /// The version of /topic that `operations` checked last.
  std::int32_t sweep_number() const { return sweep_number_; }
  static constexpr std::size_t log_entry_part = 1;

  /// It was carried out: answers the publishers and enters the values; not if that was found out later, when others may
  /// have changed and removed them already: then the change log tells of them, each in its turn.
  void carried_out(RetainedQueue& queue, std::int64_t zxid, bool found_out_later);

  bool empty() const { return items_.empty(); }
  std::size_t topics() const { return items_.size(); }

 private:
  Item plan(RetainedQueue::Topic& topic, const RetainedPublish& publish) const;
  void plan_value(Item& item, const RetainedPublish& publish, const RetainedEntry* known) const;
  void plan_deletion(Item& item, const RetainedEntry* known) const;
  void append_parts(const Item& item, std::vector<MultiOperation>& operations) const;
  bool make_affordable(Item& item, RetainedQueue& queue, std::int64_t credit) const;

  const RetainedContext& context_;
  std::vector<Item> items_;
  std::vector<std::size_t> first_parts_;  ///< per item
  bool log_entry_ = false;
  std::int32_t sweep_number_ = 0;
};

}  // namespace mqttzoo::cluster
