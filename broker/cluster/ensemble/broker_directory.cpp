#include "broker/cluster/ensemble/broker_directory.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

using Status = CoordinatorStatus;

void BrokerDirectory::session_began() {
  scope_.renew();
  attempt_.reset();
  pass_wanted_ = true;
  changed_.clear();
  watched_.clear();
  children_watched_ = false;
  passes_ = 0;
  listed_after_view_ = 0;
}

void BrokerDirectory::step(core::Milliseconds now, ViewNumber view_read) {
  if (next_pass_ && now >= *next_pass_) pass_wanted_ = true;
  if ((!pass_wanted_ && changed_.empty()) || !attempt_.may_start(now)) return;
  attempt_.start();
  if (pass_wanted_) {
    next_pass_ = now + limits_.reread_ms;
    view_at_start_ = view_read;
    return list();
  }
  const std::vector<std::string> names(changed_.begin(), changed_.end());
  changed_.clear();
  read(names, false);
}

void BrokerDirectory::list() {
  pass_wanted_ = false;
  changed_.clear();
  Coordinator::WatchCallback watch;
  if (!children_watched_) {
    watch = scope_.guard([this] {
      children_watched_ = false;
      pass_wanted_ = true;
    });
  }
  children_watched_ = true;
  coordinator_.children(znode::brokers, std::move(watch),
                        scope_.guard([this](Status status, std::vector<std::string> names) {
                          if (status != Status::ok) {
                            children_watched_ = false;
                            pass_wanted_ = true;
                            return attempt_.failed();
                          }
                          std::erase_if(entries_, [&](const auto& entry) {
                            return std::find(names.begin(), names.end(), entry.first) == names.end();
                          });
                          read(std::move(names), true);
                        }));
}

void BrokerDirectory::read(std::vector<std::string> names, bool whole_pass) {
  answers_awaited_ = names.size();
  some_failed_ = false;
  if (names.empty()) return read_done(whole_pass);
  for (const std::string& name : names) {
    Coordinator::WatchCallback watch;
    if (watched_.insert(name).second) {
      watch = scope_.guard([this, name] {
        watched_.erase(name);
        changed_.insert(name);
      });
    }
    coordinator_.get(
        znode::under(znode::brokers, name), std::move(watch),
        scope_.guard([this, name, whole_pass](Status status, const std::string& data, const ZnodeStat& stat) {
          take(name, status, data, stat);
          if (--answers_awaited_ == 0) read_done(whole_pass);
        }));
  }
}

void BrokerDirectory::take(const std::string& name, Status status, const std::string& data, const ZnodeStat& stat) {
  if (status == Status::no_node) {
    entries_.erase(name);
    return;
  }
  if (status != Status::ok) {
    watched_.erase(name);
    some_failed_ = true;
    return;
  }
  Entry& entry = entries_[name];
  if (entry.session != stat.ephemeral_owner) entry.record.reset();
  entry.session = stat.ephemeral_owner;
  auto record = data.size() <= limits_.znode_bytes_max ? parse_broker_record(name, data) : std::nullopt;
  if (record) {
    entry.record = std::move(record);
  } else if (std::exchange(entry.said_corrupt, stat.modified_zxid) != stat.modified_zxid) {
    reporter_.report(ReportLevel::error, "the znode " + znode::under(znode::brokers, name) +
                                             " does not hold what a broker writes: it is ignored");
  }
}

void BrokerDirectory::read_done(bool whole_pass) {
  records_.clear();
  for (const auto& [name, entry] : entries_)
    if (entry.record) records_.emplace(name, *entry.record);
  if (some_failed_) {
    pass_wanted_ = true;
    return attempt_.failed();
  }
  attempt_.succeeded();
  if (!whole_pass) return;
  ++passes_;
  listed_after_view_ = view_at_start_;
}

bool BrokerDirectory::is_registered(const Incarnation& incarnation) const {
  const auto found = records_.find(incarnation.name);
  return found != records_.end() && found->second.incarnation == incarnation;
}

}  // namespace mqttzoo::cluster
