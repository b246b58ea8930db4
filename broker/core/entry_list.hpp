#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace mqttzoo::core {

/// Values by key in one vector, for walking over them fast. A few are searched in order; from `indexed_from` on an
/// index is kept, so that ten thousand subscribers of one filter leave in linear time. Order: as inserted, until one is
/// erased (the last takes its place) or two are swapped, the same in every run.
template <class Key, class Value>
class EntryList {
 public:
  struct Entry {
    Key key;
    Value value;
  };

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  const Entry& operator[](std::size_t place) const { return entries_[place]; }
  /// size(): the key is not there.
  std::size_t place_of(const Key& key) const {
    if (index_) {
      const auto found = index_->find(key);
      return found == index_->end() ? entries_.size() : found->second;
    }
    std::size_t place = 0;
    while (place < entries_.size() && !(entries_[place].key == key)) ++place;
    return place;
  }

  Value* find(const Key& key) {
    const std::size_t place = place_of(key);
    return place == entries_.size() ? nullptr : &entries_[place].value;
  }

  /// True if the key is new; else its value is replaced.
  bool insert_or_assign(const Key& key, Value value) {
    if (Value* const known = find(key)) {
      *known = std::move(value);
      return false;
    }
    entries_.push_back({key, std::move(value)});
    if (index_) {
      index_->emplace(key, static_cast<std::uint32_t>(entries_.size() - 1));
    } else if (entries_.size() >= indexed_from) {
      build_index();
    }
    return true;
  }

  void swap(std::size_t a, std::size_t b) {
    if (a == b) return;
    std::swap(entries_[a], entries_[b]);
    if (!index_) return;
    (*index_)[entries_[a].key] = static_cast<std::uint32_t>(a);
    (*index_)[entries_[b].key] = static_cast<std::uint32_t>(b);
  }

  bool erase(const Key& key) {
    const std::size_t place = place_of(key);
    if (place == entries_.size()) return false;
    if (index_) index_->erase(key);
    if (place + 1 != entries_.size()) {
      entries_[place] = std::move(entries_.back());
      if (index_) (*index_)[entries_[place].key] = static_cast<std::uint32_t>(place);
    }
    entries_.pop_back();
    if (entries_.size() < indexed_from / 2) index_.reset();
    return true;
  }

 private:
  static constexpr std::size_t indexed_from = 32;
  using Index = boost::unordered_flat_map<Key, std::uint32_t>;

  void build_index() {
    index_ = std::make_unique<Index>();
    for (std::size_t i = 0; i < entries_.size(); ++i) index_->emplace(entries_[i].key, static_cast<std::uint32_t>(i));
  }

  std::vector<Entry> entries_;
  std::unique_ptr<Index> index_;
};

}  // namespace mqttzoo::core
