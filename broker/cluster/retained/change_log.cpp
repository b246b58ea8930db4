#include "broker/cluster/retained/change_log.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <utility>

#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

std::string change_path(ChangeNumber number) {
  char text[16];
  std::snprintf(text, sizeof(text), "%010d", number);
  return std::string(znode::new_change) + text;
}

std::optional<ChangeNumber> change_number(std::string_view name) {
  const auto dash = name.rfind("c-");
  if (dash == std::string_view::npos) return std::nullopt;
  ChangeNumber number = 0;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + dash + 2, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

void ChangeLog::start(ChangeNumber first) {
  stop();
  running_ = true;
  next_ = first;
  begin_pass(0);
}

void ChangeLog::stop() {
  ++run_;
  running_ = in_pass_ = watched_ = again_ = waits_for_resume_ = false;
  window_ = 1;
  gap_at_.reset();
  pass_waiters_.clear();
  next_waiters_.clear();
  own_.clear();
}

void ChangeLog::catch_up(std::function<void()> done) {
  if (!running_) return;
  next_waiters_.push_back(std::move(done));
  look();
}

void ChangeLog::look() {
  if (!running_) return;
  if (in_pass_ || waits_for_resume_) {
    again_ = true;
  } else {
    begin_pass(1);
  }
}

void ChangeLog::inspect() {
  if (!running_) return;
  context_.ensemble.children(znode::changes,
                             [this, run = run_](CoordinatorStatus status, const std::vector<std::string>& names) {
                               if (run != run_ || status != CoordinatorStatus::ok) return;
                               std::optional<ChangeNumber> first_unread;
                               for (const auto& name : names) {
                                 const auto number = change_number(name);
                                 if (!number || comes_after(next_, *number)) continue;
                                 if (!first_unread || comes_after(*first_unread, *number)) first_unread = number;
                               }
                               if (!first_unread) return;
                               if (*first_unread != next_) return lose("entries are missing");
                               look();
                             });
}

void ChangeLog::skip(std::string_view path) {
  const auto number = change_number(path);
  if (number && running_ && !comes_after(next_, *number)) own_.insert(*number);
}

void ChangeLog::resume() {
  if (running_ && waits_for_resume_ && context_.ensemble.connected()) begin_pass(0);
}

void ChangeLog::watch_fired(std::uint64_t run, ChangeNumber number) {
  if (run != run_ || !watched_ || watched_number_ != number) return;
  watched_ = false;
  look();
}

/// Reads `window` entries, and one more with a watch, which is where we wait if it is not there yet.
void ChangeLog::begin_pass(std::size_t window) {
  in_pass_ = true;
  waits_for_resume_ = again_ = false;
  std::move(next_waiters_.begin(), next_waiters_.end(), std::back_inserter(pass_waiters_));
  next_waiters_.clear();
  const bool watch = !watched_ || watched_number_ != next_;
  auto pass = std::make_shared<Pass>();
  pass->run = run_;
  pass->slots.resize(window + (watch ? 1 : 0));
  for (std::size_t index = 0; index < pass->slots.size(); ++index) {
    auto& slot = pass->slots[index];
    slot.number = plus(next_, static_cast<std::uint32_t>(index));
    slot.own = own_.contains(slot.number);
    if (!slot.own) read_slot(pass, index, watch && index == window);
  }
  context_.ensemble.get(znode::changes, {},
                        [this, pass](CoordinatorStatus status, const std::string& data, const ZnodeStat&) {
                          if (pass->run == run_) pass_ended(*pass, status, data);
                        });
}

void ChangeLog::read_slot(const std::shared_ptr<Pass>& pass, std::size_t index, bool watch) {
  const auto number = pass->slots[index].number;
  Coordinator::WatchCallback fired;
  if (watch) fired = [this, run = run_, number] { watch_fired(run, number); };
  if (watch) {
    watched_ = true;
    watched_number_ = number;
  }
  context_.ensemble.get(change_path(number), std::move(fired),
                        [pass, index](CoordinatorStatus status, std::string data, const ZnodeStat& stat) {
                          auto& slot = pass->slots[index];
                          slot.status = status;
                          slot.data = std::move(data);
                          slot.zxid = stat.created_zxid;
                        });
}

void ChangeLog::pass_ended(Pass& pass, CoordinatorStatus status, const std::string& trimmed) {
  in_pass_ = false;
  const auto run = run_;
  const std::size_t taken = take_entries(pass);
  if (run != run_) return;
  if (!pass.slots.empty() && pass.slots.back().number == watched_number_ &&
      pass.slots.back().status != CoordinatorStatus::no_node)
    watched_ = false;  // the watch is on an entry that is read already, or it was not set
  if (status == CoordinatorStatus::no_node) return lose("/changes is gone");
  const bool failed =
      status != CoordinatorStatus::ok || std::any_of(pass.slots.begin(), pass.slots.end(), [](const Pass::Slot& slot) {
        return !slot.own && slot.status != CoordinatorStatus::ok && slot.status != CoordinatorStatus::no_node;
      });
  if (failed) {
    waits_for_resume_ = true;
    return;
  }
  const auto last_trimmed = change_number(trimmed);
  if (last_trimmed && !comes_after(next_, *last_trimmed)) return lose("entries were trimmed");
  if (has_gap(pass, taken)) {
    if (std::exchange(gap_at_, next_) == next_) return lose("entries are missing");
    return begin_pass(pass.slots.size());
  }
  gap_at_.reset();
  if (taken == pass.slots.size() && taken > 0) {
    window_ = std::min(window_ * 2, context_.options.log_window);
    return begin_pass(window_);
  }
  window_ = 1;
  if (!watched_ || watched_number_ != next_) return begin_pass(0);
  caught_up();
}

void ChangeLog::caught_up() {
  const auto run = run_;
  for (auto& done : std::exchange(pass_waiters_, {})) {
    done();
    if (run != run_) return;
  }
  if (again_ && !in_pass_) begin_pass(1);
}

/// Takes entries up to the first that is not there. Returns how many.
std::size_t ChangeLog::take_entries(Pass& pass) {
  const auto run = run_;
  std::size_t taken = 0;
  for (auto& slot : pass.slots) {
    if (!slot.own && slot.status != CoordinatorStatus::ok) break;
    next_ = plus(next_, 1);
    ++taken;
    if (!take_entry(slot) || run != run_) break;
  }
  return taken;
}

/// An entry is not there, but a later one is. That may be so once, when both came between the two reads; when the first
/// is still not there, somebody has removed it.
bool ChangeLog::has_gap(const Pass& pass, std::size_t taken) {
  if (taken == pass.slots.size() || pass.slots[taken].status != CoordinatorStatus::no_node) return false;
  return std::any_of(pass.slots.begin() + static_cast<std::ptrdiff_t>(taken), pass.slots.end(),
                     [](const Pass::Slot& slot) { return slot.own || slot.status == CoordinatorStatus::ok; });
}

bool ChangeLog::take_entry(Pass::Slot& slot) {
  if (slot.own) {
    own_.erase(slot.number);
    return true;
  }
  proto::RetainedChanges changes;
  if (!changes.ParseFromString(slot.data)) {
    lose("unreadable znode " + change_path(slot.number));
    return false;
  }
  owner_.changed(changes, slot.zxid);
  return true;
}

void ChangeLog::lose(std::string why) {
  stop();
  owner_.log_lost(std::move(why));
}

}  // namespace mqttzoo::cluster
