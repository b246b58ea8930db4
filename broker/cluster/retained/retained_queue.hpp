#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/cluster/retained/retained_answer.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/retained/retained_store.hpp"

namespace mqttzoo::cluster {

/// A retained publish on its way into ZooKeeper.
struct RetainedPublish {
  core::MessageRef message;  ///< null once it has its answer
  bool refusable = false;
  core::Milliseconds waits_until = 0;
  core::ClusterMilliseconds expires_at = 0;  ///< 0: never
  RetainedStore::StoreCallback done;
  std::optional<RetainedAnswer> answer;  ///< decided, but those before it on the topic have not got theirs
};

/// The publishes that wait for a commit in one lane, by topic. Answers on a topic are given in the order of its
/// publishes. Their bytes count in RetainedContext::waiting_bytes. Lives on the control thread.
class RetainedQueue {
 public:
  class Topic {
   public:
    const std::string& name() const { return name_; }
    /// The value that a commit should write: the last publish that it takes and that is not answered yet.
    const RetainedPublish* value() const;

   private:
    friend class RetainedQueue;
    std::string name_;
    std::deque<RetainedPublish> publishes_;
    std::size_t taken_ = 0;  ///< the first ones, which the commit takes
    bool ready_ = false;     ///< stands in the row of topics to commit
    bool in_commit_ = false;
  };

  explicit RetainedQueue(RetainedContext& context) : context_(context) {}

  bool has(std::string_view topic) const { return topics_.find(topic) != topics_.end(); }
  void add(std::string_view topic, RetainedPublish publish);

  bool has_ready() const { return !ready_.empty(); }
  /// The next topic for a commit, with all its publishes; null: none. It is finished or put back.
  Topic* take();
  /// The value of a taken topic cannot be stored: the publish gets this answer, the one before becomes the value.
  void answer_value(Topic& topic, RetainedAnswer answer);
  /// The commit did not take place. Put back in reverse order of taking.
  void put_back(Topic& topic);
  /// The commit with this zxid has taken the topic.
  void finish(Topic& topic, std::int64_t zxid);

  /// Answers those who have waited too long for ZooKeeper (see ZnodeRetainedStore).
  void give_up();

  /// Makes the callbacks that are due. They may add to the queue.
  void tell();

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  void decide(RetainedPublish& publish, RetainedAnswer answer);
  bool give_up(RetainedPublish& publish, bool taken);
  void settle_front(Topic& topic);
  void leave_commit(Topic& topic);

  RetainedContext& context_;
  std::unordered_map<std::string, Topic, TextHash, std::equal_to<>> topics_;
  std::deque<Topic*> ready_;
  std::vector<std::pair<RetainedStore::StoreCallback, RetainedAnswer>> answered_;
};

}  // namespace mqttzoo::cluster
