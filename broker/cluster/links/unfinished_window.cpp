#include "broker/cluster/links/unfinished_window.hpp"

#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

std::uint64_t UnfinishedWindow::append(core::MessageRef message, core::PublishTicket ticket, IndexSet targets) {
  const std::uint64_t number = take_number();
  append(number, std::move(message), ticket, targets, 0);
  return number;
}

void UnfinishedWindow::append(std::uint64_t number, core::MessageRef message, core::PublishTicket ticket,
                              IndexSet targets, std::uint32_t open_here) {
  add({number, std::move(message), false, nullptr}, ticket, targets, open_here);
}

std::uint64_t UnfinishedWindow::append_shared(core::MessageRef message, core::PublishTicket ticket, SharedPart part) {
  IndexSet target;
  target.add(part.peer);
  if (part.whole != 0) {
    ++entry_of(part.whole).open_parts;
    ticket = {};
  }
  const std::uint64_t number = take_number();
  add({number, std::move(message), false, std::make_unique<SharedPart>(std::move(part))}, ticket, target, 0);
  return number;
}

void UnfinishedWindow::add(Message message, core::PublishTicket ticket, IndexSet targets, std::uint32_t open_here) {
  ensure(entries_.empty() || entries_[entries_.size() - 1].out.number < message.number, "numbers rise");
  ensure(!targets.empty() || open_here != 0, "what nobody has to answer is finished");
  bytes_ += message.message->footprint_bytes();
  ++size_;
  entries_.push_back({std::move(message), ticket, targets, {}, open_here, State::open});
}

UnfinishedWindow::Entry& UnfinishedWindow::entry_of(std::uint64_t number) {
  const std::size_t place = place_of(number);
  ensure(place < entries_.size() && entries_[place].out.number == number && entries_[place].state != State::gone,
         "what has open parts stays");
  return entries_[place];
}

std::size_t UnfinishedWindow::place_of(std::uint64_t number) const {
  if (entries_.empty() || number <= entries_[0].out.number) return 0;
  // Without gaps the place follows from the number; a gap only makes it smaller.
  const std::uint64_t guess = number - entries_[0].out.number;
  if (guess < entries_.size() && entries_[guess].out.number == number) return guess;
  std::size_t begin = 0;
  std::size_t end = entries_.size();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if (entries_[middle].out.number < number) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

const UnfinishedWindow::Message* UnfinishedWindow::next_for(PeerSlot peer) {
  std::uint64_t& cursor = cursors_[peer];
  if (cursor == end_number_) return nullptr;
  for (std::size_t i = place_of(cursor); i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state != State::open || !entry.pending.has(peer)) continue;
    cursor = entry.out.number + 1;
    entry.out.sent_before = entry.sent.has(peer);
    entry.sent.add(peer);
    return &entry.out;
  }
  cursor = end_number_;
  return nullptr;
}

void UnfinishedWindow::answered(PeerSlot peer, std::uint64_t first, std::uint64_t last) {
  for (std::size_t i = place_of(first); i < entries_.size() && entries_[i].out.number <= last; ++i) {
    Entry& entry = entries_[i];
    // What lies beyond the cursor was not sent in this view: an answer cannot mean it.
    if (entry.out.number >= cursors_[peer]) return;
    if (entry.state != State::open || !entry.pending.has(peer)) continue;
    entry.pending.remove(peer);
    finish_if_done(entry);
  }
}

const UnfinishedWindow::Message* UnfinishedWindow::declined(PeerSlot peer, std::uint64_t number) {
  const std::size_t place = place_of(number);
  if (place == entries_.size() || number >= cursors_[peer]) return nullptr;
  Entry& entry = entries_[place];
  if (entry.out.number != number || !entry.out.shared || !entry.pending.has(peer)) return nullptr;
  entry.pending.remove(peer);
  await_choice(entry);
  return &entry.out;
}

void UnfinishedWindow::kept_here(std::uint64_t number) {
  const std::size_t place = place_of(number);
  if (place == entries_.size()) return;
  Entry& entry = entries_[place];
  if (entry.out.number != number || entry.state != State::open || entry.open_parts == 0) return;
  --entry.open_parts;
  finish_if_done(entry);
}

void UnfinishedWindow::chosen_again(std::uint64_t number) {
  Entry& entry = entry_of(number);
  entry.out.shared->awaits_choice = false;
  --entry.open_parts;
  finish_if_done(entry);
}

void UnfinishedWindow::await_choice(Entry& entry) {
  entry.out.shared->peer = peers_max;
  entry.out.shared->awaits_choice = true;
  ++entry.open_parts;
}

void UnfinishedWindow::finish_if_done(Entry& entry) {
  if (entry.state != State::open || !entry.pending.empty() || entry.open_parts != 0) return;
  entry.state = State::finished;
  finished_.push_back(entry.out.number);
  if (!entry.out.shared || entry.out.shared->whole == 0) return;
  Entry& whole = entry_of(entry.out.shared->whole);
  --whole.open_parts;
  finish_if_done(whole);
}

// ---------------------------------------------------------------- a new view

void UnfinishedWindow::begin_view() {
  finished_.clear();
  cursors_.fill(0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state == State::gone) continue;
    entry.state = State::open;
    entry.pending = {};
    entry.open_parts = 0;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state != State::gone && entry.out.shared && entry.out.shared->whole != 0)
      ++entry_of(entry.out.shared->whole).open_parts;
  }
}

/// Else it goes to its peer again.
bool UnfinishedWindow::is_lost(Entry& entry, IndexSet members) {
  const SharedPart& part = *entry.out.shared;
  if (part.peer == peers_max && !part.awaits_choice) return false;  // chosen again: only its parts are open
  if (part.peer != peers_max && members.has(part.peer)) {
    entry.pending.add(part.peer);
    return false;
  }
  await_choice(entry);
  return true;
}

void UnfinishedWindow::finish_again() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].state != State::gone) finish_if_done(entries_[i]);
  }
}

void UnfinishedWindow::take_finished(std::vector<core::PublishTicket>& tickets) {
  for (const std::uint64_t number : finished_) {
    Entry& entry = entries_[place_of(number)];
    ensure(entry.out.number == number && entry.state == State::finished, "a finished message stays until it is taken");
    tickets.push_back(entry.ticket);
    remove(entry);
  }
  finished_.clear();
  while (!entries_.empty() && entries_.front().state == State::gone) entries_.pop_front();
  if (entries_.size() > 2 * size_ + gone_max) close_gaps();
}

void UnfinishedWindow::remove(Entry& entry) {
  bytes_ -= entry.out.message->footprint_bytes();
  --size_;
  entry.out.message = {};
  entry.out.shared.reset();
  entry.state = State::gone;
}

void UnfinishedWindow::close_gaps() {
  core::Ring<Entry> kept;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].state != State::gone) kept.push_back(std::move(entries_[i]));
  }
  entries_ = std::move(kept);
}

std::vector<std::uint64_t> UnfinishedWindow::do_without(IndexSet peers) {
  std::vector<std::uint64_t> lost;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state != State::open || (entry.pending & peers).empty()) continue;
    entry.pending = entry.pending - peers;
    if (entry.out.shared) {
      await_choice(entry);
      lost.push_back(entry.out.number);
    }
    finish_if_done(entry);
  }
  return lost;
}

std::size_t UnfinishedWindow::awaited_from(IndexSet peers) const {
  std::size_t awaited = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].state == State::open && !(entries_[i].pending & peers).empty()) ++awaited;
  }
  return awaited;
}

std::size_t UnfinishedWindow::reset() {
  const std::size_t forgotten = size_;
  *this = UnfinishedWindow();
  return forgotten;
}

}  // namespace mqttzoo::cluster
