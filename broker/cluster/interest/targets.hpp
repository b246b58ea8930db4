#pragma once

#include <bit>
#include <cstdint>

#include "broker/cluster/letters.hpp"

namespace mqttzoo::cluster {

/// Shards of one broker, as far as interest is concerned.
inline constexpr std::uint16_t shards_max = 64;

/// A set of shards or of peers by their indices.
class IndexSet {
 public:
  constexpr IndexSet() = default;

  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool has(std::uint16_t index) const { return (bits_ >> index & 1) != 0; }
  constexpr int count() const { return std::popcount(bits_); }
  constexpr void add(std::uint16_t index) { bits_ |= std::uint64_t{1} << index; }
  constexpr void remove(std::uint16_t index) { bits_ &= ~(std::uint64_t{1} << index); }
  constexpr IndexSet& operator|=(IndexSet other) {
    bits_ |= other.bits_;
    return *this;
  }
  friend constexpr IndexSet operator&(IndexSet a, IndexSet b) { return IndexSet(a.bits_ & b.bits_); }
  friend constexpr IndexSet operator-(IndexSet a, IndexSet b) { return IndexSet(a.bits_ & ~b.bits_); }
  friend constexpr bool operator==(IndexSet, IndexSet) = default;

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::uint64_t left = bits_; left != 0; left &= left - 1)
      visit(static_cast<std::uint16_t>(std::countr_zero(left)));
  }

 private:
  constexpr explicit IndexSet(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_ = 0;
};

static_assert(peers_max <= 64 && shards_max <= 64);

/// Who else wants a message: other shards of this broker, other brokers.
struct Targets {
  IndexSet shards;
  IndexSet peers;

  bool empty() const { return shards.empty() && peers.empty(); }
  bool has(InterestOwner owner) const {
    return (owner.kind == InterestOwner::Kind::shard ? shards : peers).has(owner.index);
  }
  IndexSet& of(InterestOwner::Kind kind) { return kind == InterestOwner::Kind::shard ? shards : peers; }
  Targets& operator|=(const Targets& other) {
    shards |= other.shards;
    peers |= other.peers;
    return *this;
  }
  friend bool operator==(const Targets&, const Targets&) = default;
};

/// Where a message for a Shared Subscription was offered before, in vain.
struct SharedAttempt {
  std::uint8_t number = 0;  ///< 0: the first one, for members only who take it at once
  Targets declined;         ///< those without room for it, wherever they were asked after the first attempt
};

}  // namespace mqttzoo::cluster
