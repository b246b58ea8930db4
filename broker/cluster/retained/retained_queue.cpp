#include "broker/cluster/retained/retained_queue.hpp"

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

const RetainedPublish* RetainedQueue::Topic::value() const {
  for (std::size_t index = taken_; index-- > 0;)
    if (!publishes_[index].answer) return &publishes_[index];
  return nullptr;
}

void RetainedQueue::add(std::string_view name, RetainedPublish publish) {
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    found = topics_.emplace(std::string(name), Topic()).first;
    found->second.name_ = found->first;
  }
  Topic& topic = found->second;
  const auto answer = std::exchange(publish.answer, std::nullopt);
  context_.waiting_bytes += publish.message->footprint_bytes();
  topic.publishes_.push_back(std::move(publish));
  if (answer) decide(topic.publishes_.back(), *answer);
  if (topic.ready_ || topic.in_commit_) return;
  topic.ready_ = true;
  ready_.push_back(&topic);
}

RetainedQueue::Topic* RetainedQueue::take() {
  if (ready_.empty()) return nullptr;
  Topic& topic = *ready_.front();
  ready_.pop_front();
  topic.ready_ = false;
  topic.in_commit_ = true;
  topic.taken_ = topic.publishes_.size();
  return &topic;
}

void RetainedQueue::answer_value(Topic& topic, RetainedAnswer answer) {
  for (std::size_t index = topic.taken_; index-- > 0;) {
    if (topic.publishes_[index].answer) continue;
    return decide(topic.publishes_[index], answer);
  }
  ensure(false, "a taken topic without a value gets no answer");
}

void RetainedQueue::put_back(Topic& topic) {
  topic.in_commit_ = false;
  topic.taken_ = 0;
  topic.ready_ = true;
  ready_.push_front(&topic);
}

void RetainedQueue::finish(Topic& topic, std::int64_t zxid) {
  for (std::size_t index = 0; index < topic.taken_; ++index) {
    auto& publish = topic.publishes_[index];
    if (publish.answer) continue;
    publish.message->set_retained_version(zxid);
    ++context_.counters.stored;
    decide(publish, {});
  }
  leave_commit(topic);
}

void RetainedQueue::leave_commit(Topic& topic) {
  settle_front(topic);
  topic.in_commit_ = false;
  topic.taken_ = 0;
  if (topic.publishes_.empty()) {
    topics_.erase(topics_.find(std::string_view(topic.name_)));
  } else {
    topic.ready_ = true;
    ready_.push_back(&topic);
  }
}

void RetainedQueue::decide(RetainedPublish& publish, RetainedAnswer answer) {
  publish.answer = answer;
  context_.waiting_bytes -= publish.message->footprint_bytes();
  publish.message = {};
}

void RetainedQueue::settle_front(Topic& topic) {
  while (!topic.publishes_.empty() && topic.publishes_.front().answer) {
    auto& publish = topic.publishes_.front();
    answered_.emplace_back(std::move(publish.done), *publish.answer);
    topic.publishes_.pop_front();
    if (topic.taken_ > 0) --topic.taken_;
  }
}

bool RetainedQueue::give_up(RetainedPublish& publish, bool taken) {
  if (publish.answer) return true;
  if (!context_.cut_off && publish.waits_until > context_.now) return false;
  const bool qos_0 = publish.message->view().qos == mqtt::QoS::at_most_once;
  // Nobody can be refused what may have been stored; and who cannot be refused must not be told that it is.
  if (!qos_0 && (taken || !publish.refusable)) return false;
  decide(publish, refuse(RetainedRefusal::cut_off, publish.refusable && !qos_0, context_.counters));
  return true;
}

void RetainedQueue::give_up() {
  bool some_are_empty = false;
  for (auto& [name, topic] : topics_) {
    for (std::size_t index = 0; index < topic.publishes_.size(); ++index)
      if (!give_up(topic.publishes_[index], index < topic.taken_)) break;
    settle_front(topic);
    some_are_empty |= topic.publishes_.empty();
  }
  if (!some_are_empty) return;
  std::erase_if(ready_, [](const Topic* topic) { return topic->publishes_.empty(); });
  std::erase_if(topics_, [](const auto& entry) { return entry.second.publishes_.empty() && !entry.second.in_commit_; });
}

void RetainedQueue::tell() {
  for (auto& [done, answer] : std::exchange(answered_, {})) done(answer.outcome, answer.reason);
}

}  // namespace mqttzoo::cluster
