#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/core/entry_list.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::core {

/// Topic Filters with values by key: who subscribed, which broker is interested. Answers which entries match a Topic
/// Name by the rules of v5 and v3.1.1 4.7, '$' included, and tells when the first entry of a filter comes and the last
/// one goes. Filters without wildcards stand in a hash table; the others in a tree with a node per level. Filters and
/// topics must be valid. Not bounded in entries (their owners are); matching recurses once per level of the longest
/// filter. One thread.
template <class Key, class Value>
class TopicTree {
 public:
  using Entries = EntryList<Key, Value>;

  struct Inserted {
    bool is_new = false;           ///< else the key's value was replaced
    bool first_of_filter = false;  ///< nobody had the filter before
  };
  struct Erased {
    bool existed = false;
    bool last_of_filter = false;  ///< nobody has the filter any more
  };

  Inserted insert(std::string_view filter, const Key& key, Value value) {
    Entries& entries = make_entries(filter);
    const bool first = entries.empty();
    if (first) ++filter_count_;
    const bool is_new = entries.insert_or_assign(key, std::move(value));
    if (is_new) ++entry_count_;
    return {is_new, first};
  }

  Erased erase(std::string_view filter, const Key& key) {
    Entries* const entries = find_entries(filter);
    if (!entries || !entries->erase(key)) return {};
    --entry_count_;
    if (!entries->empty()) return {true, false};
    --filter_count_;
    remove_filter(filter);
    return {true, true};
  }

  bool has(std::string_view filter) const {
    const Entries* const entries = const_cast<TopicTree*>(this)->find_entries(filter);
    return entries && !entries->empty();
  }
  /// The value of a key; good until the tree changes.
  Value* find(std::string_view filter, const Key& key) {
    Entries* const entries = find_entries(filter);
    return entries ? entries->find(key) : nullptr;
  }

  /// Calls `visit(const Entries&)` once for each filter that matches. Allocates nothing.
  template <class Visit>
  void match(std::string_view topic, Visit&& visit) const {
    if (const auto found = exact_.find(topic); found != exact_.end()) visit(found->second);
    if (!nodes_[root].unused()) match_root(topic, visit);
  }

  /// Calls `visit(std::string_view filter, const Entries&)` for every filter, in no particular order.
  template <class Visit>
  void for_each_filter(Visit&& visit) const {
    for (const auto& [filter, entries] : exact_) visit(std::string_view(filter), entries);
    const std::vector<Child> children = children_by_parent();
    std::vector<Named> open{{root, {}}};
    while (!open.empty()) {
      const Named at = std::move(open.back());
      open.pop_back();
      const Node& node = nodes_[at.node];
      if (!node.here.empty()) visit(std::string_view(at.name), node.here);
      if (!node.below.empty()) visit(std::string_view(join(at, "#")), node.below);
      if (node.plus != nothing) open.push_back({node.plus, join(at, "+")});
      auto child = std::lower_bound(children.begin(), children.end(), Child{at.node, root, {}});
      for (; child != children.end() && child->parent == at.node; ++child) {
        open.push_back({child->node, join(at, child->text)});
      }
    }
  }

  std::size_t filter_count() const { return filter_count_; }
  std::size_t entry_count() const { return entry_count_; }

 private:
  using NodeIndex = std::uint32_t;
  static constexpr NodeIndex root = 0;
  static constexpr NodeIndex nothing = ~NodeIndex{0};

  struct Node {
    Entries here;   ///< filters that end at this level
    Entries below;  ///< filters that end with '#' under it
    NodeIndex plus = nothing;
    std::uint32_t literals = 0;  ///< children with a name
    bool unused() const { return here.empty() && below.empty() && plus == nothing && literals == 0; }
  };

  struct Level {
    NodeIndex parent;
    std::string text;
  };
  struct LevelView {
    NodeIndex parent;
    std::string_view text;
  };
  struct LevelHash {
    using is_transparent = void;
    std::size_t operator()(const LevelView& level) const {
      return std::hash<std::string_view>()(level.text) ^ level.parent * std::size_t{0x9E3779B97F4A7C15};
    }
    std::size_t operator()(const Level& level) const { return (*this)(LevelView{level.parent, level.text}); }
  };
  struct LevelEqual {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return a.parent == b.parent && a.text == b.text; }
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  struct Child {
    NodeIndex parent;
    NodeIndex node;
    std::string_view text;
    bool operator<(const Child& other) const {
      return parent != other.parent ? parent < other.parent : node < other.node;
    }
  };
  std::vector<Child> children_by_parent() const {
    std::vector<Child> children;
    children.reserve(levels_.size());
    for (const auto& [level, node] : levels_) children.push_back({level.parent, node, level.text});
    std::sort(children.begin(), children.end());
    return children;
  }

  struct Named {
    NodeIndex node;
    std::string name;
  };
  static std::string join(const Named& at, std::string_view level) {
    if (at.node == root) return std::string(level);
    return at.name + '/' + std::string(level);
  }

  template <class Visit>
  void match_root(std::string_view topic, Visit& visit) const {
    const Node& node = nodes_[root];
    const std::size_t slash = topic.find('/');
    const std::string_view level = topic.substr(0, slash);
    if (const NodeIndex child = literal_child(root, level); child != nothing) match_below(child, topic, slash, visit);
    if (topic.front() == '$') return;  // wildcards do not match the first level then: v5 and v3.1.1 [MQTT-4.7.2-1]
    if (!node.below.empty()) visit(node.below);
    if (node.plus != nothing) match_below(node.plus, topic, slash, visit);
  }

  /// `slash` is where the level that led to `index` ends.
  template <class Visit>
  void match_below(NodeIndex index, std::string_view topic, std::size_t slash, Visit& visit) const {
    const Node& node = nodes_[index];
    if (!node.below.empty()) visit(node.below);  // "a/#" matches "a" as well
    if (slash == std::string_view::npos) {
      if (!node.here.empty()) visit(node.here);
      return;
    }
    if (node.plus == nothing && node.literals == 0) return;
    const std::size_t begin = slash + 1;
    const std::size_t end = topic.find('/', begin);
    if (node.plus != nothing) match_below(node.plus, topic, end, visit);
    const NodeIndex child = literal_child(index, topic.substr(begin, end - begin));
    if (child != nothing) match_below(child, topic, end, visit);
  }

  NodeIndex literal_child(NodeIndex parent, std::string_view text) const {
    if (nodes_[parent].literals == 0) return nothing;
    const auto found = levels_.find(LevelView{parent, text});
    return found == levels_.end() ? nothing : found->second;
  }

  Entries* find_entries(std::string_view filter) {
    if (!mqtt::has_wildcard(filter)) {
      const auto found = exact_.find(filter);
      return found == exact_.end() ? nullptr : &found->second;
    }
    NodeIndex at = root;
    for (const std::string_view level : mqtt::TopicLevels(filter)) {
      if (level == "#") return &nodes_[at].below;
      at = level == "+" ? nodes_[at].plus : literal_child(at, level);
      if (at == nothing) return nullptr;
    }
    return &nodes_[at].here;
  }

  Entries& make_entries(std::string_view filter) {
    if (!mqtt::has_wildcard(filter)) {
      const auto found = exact_.find(filter);
      return found != exact_.end() ? found->second : exact_.emplace(std::string(filter), Entries()).first->second;
    }
    NodeIndex at = root;
    for (const std::string_view level : mqtt::TopicLevels(filter)) {
      if (level == "#") return nodes_[at].below;
      at = make_child(at, level);
    }
    return nodes_[at].here;
  }

  NodeIndex make_child(NodeIndex parent, std::string_view text) {
    const NodeIndex known = text == "+" ? nodes_[parent].plus : literal_child(parent, text);
    if (known != nothing) return known;
    NodeIndex child = 0;
    if (free_.empty()) {
      child = static_cast<NodeIndex>(nodes_.size());
      nodes_.emplace_back();
    } else {
      child = free_.back();
      free_.pop_back();
    }
    if (text == "+") {
      nodes_[parent].plus = child;
    } else {
      levels_.emplace(Level{parent, std::string(text)}, child);
      ++nodes_[parent].literals;
    }
    return child;
  }

  /// The filter has no entries left: takes out what only it needed.
  void remove_filter(std::string_view filter) {
    if (!mqtt::has_wildcard(filter)) {
      exact_.erase(exact_.find(filter));
      return;
    }
    std::vector<std::pair<NodeIndex, std::string_view>> way;  // parent and the level that leads down from it
    NodeIndex at = root;
    for (const std::string_view level : mqtt::TopicLevels(filter)) {
      if (level == "#") break;
      way.emplace_back(at, level);
      at = level == "+" ? nodes_[at].plus : literal_child(at, level);
    }
    for (; !way.empty() && nodes_[at].unused(); way.pop_back()) {
      const auto [parent, level] = way.back();
      free_.push_back(at);
      nodes_[at] = Node();
      if (level == "+") {
        nodes_[parent].plus = nothing;
      } else {
        levels_.erase(levels_.find(LevelView{parent, level}));
        --nodes_[parent].literals;
      }
      at = parent;
    }
  }

  boost::unordered_flat_map<std::string, Entries, TextHash, std::equal_to<>> exact_;
  boost::unordered_flat_map<Level, NodeIndex, LevelHash, LevelEqual> levels_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<NodeIndex> free_;
  std::size_t filter_count_ = 0;
  std::size_t entry_count_ = 0;
};

}  // namespace mqttzoo::core
