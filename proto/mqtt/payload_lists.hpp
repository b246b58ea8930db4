#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/reason_code.hpp"
#include "proto/mqtt/types.hpp"

/// The lists that SUBSCRIBE, UNSUBSCRIBE and their acknowledgements carry as payload: views of valid encoded bytes, so
/// that decoding allocates nothing however long the list is.
namespace mqttzoo::mqtt {

/// v5 3.8.3.1: when retained messages are sent for a subscription.
enum class RetainHandling : std::uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

/// One entry of SUBSCRIBE. v3 has the QoS only; the rest keeps its defaults there.
struct Subscription {
  std::string_view topic_filter{};
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;
};

namespace detail {
/// Walks over entries of a valid list; `Entry` is what `read_entry(rest, entry)` takes from its front.
template <class Entry, std::size_t (*read_entry)(std::string_view, Entry&)>
class ListIterator {
 public:
  using value_type = Entry;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::input_iterator_tag;

  ListIterator() = default;
  explicit ListIterator(std::string_view rest) : rest_(rest) { read(); }
  const Entry& operator*() const { return entry_; }
  const Entry* operator->() const { return &entry_; }
  ListIterator& operator++() {
    rest_.remove_prefix(entry_size_);
    read();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const ListIterator& a, const ListIterator& b) { return a.rest_.size() == b.rest_.size(); }

 private:
  void read() {
    if (!rest_.empty()) entry_size_ = read_entry(rest_, entry_);
  }
  std::string_view rest_;
  std::size_t entry_size_ = 0;
  Entry entry_{};
};

std::size_t read_subscription(std::string_view rest, Subscription& entry);
std::size_t read_topic_filter(std::string_view rest, std::string_view& entry);
}  // namespace detail

/// The subscriptions of a SUBSCRIBE packet, in order.
class SubscriptionList {
 public:
  using Iterator = detail::ListIterator<Subscription, detail::read_subscription>;

  SubscriptionList() = default;
  /// `raw` holds exactly `size` valid entries.
  SubscriptionList(std::string_view raw, std::size_t size) : raw_(raw), size_(size) {}
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view raw() const { return raw_; }
  Iterator begin() const { return Iterator(raw_); }
  Iterator end() const { return Iterator(); }

 private:
  std::string_view raw_;
  std::size_t size_ = 0;
};

/// The Topic Filters of an UNSUBSCRIBE packet, in order.
class TopicFilterList {
 public:
  using Iterator = detail::ListIterator<std::string_view, detail::read_topic_filter>;

  TopicFilterList() = default;
  /// `raw` holds exactly `size` valid entries.
  TopicFilterList(std::string_view raw, std::size_t size) : raw_(raw), size_(size) {}
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view raw() const { return raw_; }
  Iterator begin() const { return Iterator(raw_); }
  Iterator end() const { return Iterator(); }

 private:
  std::string_view raw_;
  std::size_t size_ = 0;
};

/// The Reason Codes of SUBACK and UNSUBACK, one per entry of the request.
class ReasonCodeList {
 public:
  ReasonCodeList() = default;
  explicit ReasonCodeList(std::string_view raw) : raw_(raw) {}
  ReasonCodeList(std::span<const ReasonCode> codes) : raw_(reinterpret_cast<const char*>(codes.data()), codes.size()) {}
  std::size_t size() const { return raw_.size(); }
  bool empty() const { return raw_.empty(); }
  ReasonCode operator[](std::size_t i) const { return static_cast<ReasonCode>(raw_[i]); }
  std::string_view raw() const { return raw_; }
  std::span<const ReasonCode> span() const { return {reinterpret_cast<const ReasonCode*>(raw_.data()), raw_.size()}; }

 private:
  std::string_view raw_;
};

/// Builds the list of a SUBSCRIBE to send; must live until the packet is encoded. Filters over 65,535 bytes throw
/// std::length_error.
class SubscriptionListWriter {
 public:
  SubscriptionListWriter& add(const Subscription& subscription);
  SubscriptionList list() const { return {bytes_.view(), size_}; }

 private:
  ByteBuffer bytes_;
  std::size_t size_ = 0;
};

/// Builds the list of an UNSUBSCRIBE to send; must live until the packet is encoded. Filters over 65,535 bytes throw
/// std::length_error.
class TopicFilterListWriter {
 public:
  TopicFilterListWriter& add(std::string_view topic_filter);
  TopicFilterList list() const { return {bytes_.view(), size_}; }

 private:
  ByteBuffer bytes_;
  std::size_t size_ = 0;
};

}  // namespace mqttzoo::mqtt
