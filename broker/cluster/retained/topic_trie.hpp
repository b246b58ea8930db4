#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::cluster {

/// Values by Topic Name, asked for with Topic Filters by the rules of v5 and v3.1.1 4.7: the other way round than the
/// broker's tree of subscriptions. A node per level. Nothing recurses, since a topic may have 65,536 levels. Addresses
/// of values hold until they are erased. One thread.
template <class Value>
class TopicTrie {
 public:
  TopicTrie() = default;
  TopicTrie(const TopicTrie&) = delete;
  TopicTrie& operator=(const TopicTrie&) = delete;
  ~TopicTrie() { clear(); }

  Value* find(std::string_view topic) const {
    const Node* node = &root_;
    for (const auto level : mqtt::TopicLevels(topic)) {
      const auto child = node->children.find(level);
      if (child == node->children.end()) return nullptr;
      node = child->second.get();
    }
    return node->value.get();
  }

  /// The value of the topic, made with its default constructor when there was none.
  Value& operator[](std::string_view topic) {
    Node* node = &root_;
    for (const auto level : mqtt::TopicLevels(topic)) {
      auto child = node->children.find(level);
      if (child == node->children.end()) {
        child = node->children.emplace(std::string(level), std::make_unique<Node>()).first;
        child->second->parent = node;
        child->second->place = child;
      }
      node = child->second.get();
    }
    if (!node->value) node->value = std::make_unique<Value>();
    return *node->value;
  }

  void erase(std::string_view topic) {
    Node* node = &root_;
    for (const auto level : mqtt::TopicLevels(topic)) {
      const auto child = node->children.find(level);
      if (child == node->children.end()) return;
      node = child->second.get();
    }
    node->value.reset();
    while (node->parent && !node->value && node->children.empty()) {
      Node* const parent = node->parent;
      parent->children.erase(node->place);
      node = parent;
    }
  }

  /// Calls `visit(const Value&)` for every topic that the filter matches.
  template <class Visit>
  void match(std::string_view filter, Visit&& visit) const {
    std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    match(filter, visit, unlimited);
  }

  /// Takes one of `steps` for each node that it looks at, and ends early when none is left. False: so it did.
  template <class Visit>
  bool match(std::string_view filter, Visit&& visit, std::size_t& steps) const {
    std::vector<std::pair<const Node*, Levels>> open{{&root_, mqtt::TopicLevels(filter).begin()}};
    while (!open.empty()) {
      auto [node, level] = std::move(open.back());
      open.pop_back();
      if (steps == 0) return false;
      --steps;
      if (level == Levels()) {
        if (node->value) visit(std::as_const(*node->value));
      } else if (*level == "#") {
        if (!visit_below(*node, visit, steps)) return false;
      } else if (*level == "+") {
        ++level;
        // Those beyond the steps that are left would not be looked at.
        auto child = node->children.begin();
        for (std::size_t count = 0; child != node->children.end() && count <= steps; ++child, ++count)
          if (!hidden(*node, child->first)) open.emplace_back(child->second.get(), level);
      } else if (const auto child = node->children.find(*level); child != node->children.end()) {
        open.emplace_back(child->second.get(), ++level);
      }
    }
    return true;
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    std::vector<const Node*> open{&root_};
    while (!open.empty()) {
      const Node* const node = open.back();
      open.pop_back();
      if (node->value) visit(std::as_const(*node->value));
      for (const auto& [name, child] : node->children) open.push_back(child.get());
    }
  }

  void clear() {
    Node* node = &root_;
    while (true) {
      if (!node->children.empty()) {
        node = node->children.begin()->second.get();
      } else if (node->parent) {
        Node* const parent = node->parent;
        parent->children.erase(node->place);
        node = parent;
      } else {
        break;
      }
    }
    root_.value.reset();
  }

 private:
  using Levels = mqtt::TopicLevels::Iterator;

  struct Node {
    using Children = std::map<std::string, std::unique_ptr<Node>, std::less<>>;
    Node* parent = nullptr;
    typename Children::iterator place;  ///< among the children of `parent`
    Children children;
    std::unique_ptr<Value> value;
  };

  /// A leading wildcard does not match topics that begin with '$' [MQTT-4.7.2-1].
  bool hidden(const Node& parent, std::string_view name) const { return &parent == &root_ && name.starts_with('$'); }

  template <class Visit>
  bool visit_below(const Node& top, Visit&& visit, std::size_t& steps) const {
    std::vector<const Node*> open{&top};
    while (!open.empty()) {
      const Node* const node = open.back();
      open.pop_back();
      if (steps == 0) return false;
      --steps;
      if (node->value) visit(std::as_const(*node->value));
      for (const auto& [name, child] : node->children)
        if (!hidden(*node, name)) open.push_back(child.get());
    }
    return true;
  }

  Node root_;
};

}  // namespace mqttzoo::cluster
