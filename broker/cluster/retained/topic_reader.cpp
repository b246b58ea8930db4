#include "broker/cluster/retained/topic_reader.hpp"

#include "broker/cluster/retained/retained_names.hpp"
#include "broker/cluster/retained/retained_record.hpp"

namespace mqttzoo::cluster {

void TopicReader::read(std::string_view topic) {
  const auto number = ++last_number_;
  send(number, open_.emplace(number, topic).first->second);
}

void TopicReader::send(std::uint64_t number, const std::string& topic) {
  const auto path = retained_znode_path(topic);
  context_.ensemble.get(path, {},
                        [this, number, path](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
                          const auto asked = open_.find(number);
                          if (asked == open_.end()) return;
                          if (status == CoordinatorStatus::ok) {
                            enter_znode(context_, path, asked->second, data, stat);
                          } else if (status == CoordinatorStatus::no_node) {
                            context_.cache.forget(asked->second);
                          } else {
                            to_repeat_.push_back(number);
                            return;
                          }
                          finish(number);
                        });
}

void TopicReader::finish(std::uint64_t number) {
  open_.erase(number);
  const auto settled_to = open_.empty() ? last_number_ : open_.begin()->first - 1;
  std::vector<std::function<void()>> due;
  std::erase_if(waiters_, [&](auto& waiter) {
    if (waiter.first > settled_to) return false;
    due.push_back(std::move(waiter.second));
    return true;
  });
  for (auto& done : due) done();
}

void TopicReader::when_settled(std::function<void()> done) {
  if (open_.empty()) return done();
  waiters_.emplace_back(last_number_, std::move(done));
}

void TopicReader::resume() {
  if (!context_.ensemble.connected()) return;
  for (const auto number : std::exchange(to_repeat_, {})) {
    const auto asked = open_.find(number);
    if (asked != open_.end()) send(number, asked->second);
  }
}

void TopicReader::stop() {
  open_.clear();
  to_repeat_.clear();
  waiters_.clear();
}

void enter_znode(RetainedContext& context, const std::string& path, std::string_view expected_topic,
                 const std::string& data, const ZnodeStat& stat) {
  auto entry = decode_retained_value(data);
  if (!entry || retained_znode_path(entry->topic) != path) {
    const auto* const known = context.cache.find(expected_topic);
    const bool is_news = !known || known->version != stat.modified_zxid;
    if (is_news) ++context.counters.unreadable_znodes;
    if (is_news)
      context.log(ReportLevel::error, "unreadable znode " + path + ": ignored until somebody publishes there");
    if (expected_topic.empty()) return;
    entry.emplace();
    entry->topic = expected_topic;
    entry->kind = RetainedEntry::Kind::unreadable;
  }
  entry->version = stat.modified_zxid;
  entry->znode_version = stat.version;
  if (entry->message) entry->message->set_retained_version(stat.modified_zxid);
  context.cache.put(std::move(*entry));
}

}  // namespace mqttzoo::cluster
