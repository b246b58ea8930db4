#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/core/router.hpp"
#include "broker/core/session_journal.hpp"

namespace mqttzoo::test {

/// A journal with one log. Applies what is written to copies of the sessions, as another broker would.
class MemoryJournal final : public core::SessionJournal {
 public:
  core::RouterClient* shard = nullptr;

  bool commits_at_once = true;
  bool keeps = true;
  std::map<std::string, core::KeptSession, std::less<>> copies;  ///< of all that is written, committed or not
  core::LogIndex end = 0;
  core::LogIndex committed = 0;

  /// All that is written.
  void commit() {
    write(0);
    committed = end;
    for (const auto& [after, session] : std::exchange(waiting_, {})) shard->session_committed(session);
  }

  core::LogPlace log_of(std::string_view) const override { return 0; }
  bool is_kept(core::LogPlace) const override { return keeps; }
  core::LogIndex record(core::LogPlace log, const std::string& client_id, core::SessionChange change) override {
    record_lazily(log, client_id, std::move(change));
    return write(log);
  }
  void record_lazily(core::LogPlace, const std::string& client_id, core::SessionChange change) override {
    lazy_.emplace_back(client_id, std::move(change));
  }
  core::LogIndex write(core::LogPlace) override {
    for (auto& [client_id, change] : std::exchange(lazy_, {})) apply(client_id, std::move(change));
    return end;
  }
  bool takes_message(core::LogPlace) override { return true; }
  core::LogIndex record_accepted(core::LogPlace log, const std::string& client_id,
                                 core::session_change::Accepted accepted) override {
    return record(log, client_id, std::move(accepted));
  }
  bool is_committed(core::LogPlace, core::LogIndex index) const override { return index <= committed; }
  void call_when_committed(core::LogPlace, core::LogIndex index, core::SessionId session) override {
    waiting_.emplace_back(index, session);
  }

 private:
  void apply(const std::string& client_id, core::SessionChange&& change) {
    ++end;
    if (commits_at_once) committed = end;
    if (std::holds_alternative<core::session_change::Begun>(change)) {
      copies[client_id] = {};
    } else if (std::holds_alternative<core::session_change::Ended>(change)) {
      copies.erase(client_id);
    } else if (const auto copy = copies.find(client_id); copy != copies.end()) {
      copy->second.apply(std::move(change));
    }
  }

  std::vector<std::pair<std::string, core::SessionChange>> lazy_;
  std::vector<std::pair<core::LogIndex, core::SessionId>> waiting_;
};

}  // namespace mqttzoo::test
