#include "broker/cluster/retained/retained_reads.hpp"

#include <iterator>
#include <utility>

#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

void RetainedReads::read(std::vector<std::string> filters, RetainedStore::ReadCallback done) {
  ++context_.counters.reads;
  Read read{std::move(filters), std::move(done), context_.now + context_.options.read_wait_ms,
            context_.now + context_.options.load_wait_ms};
  if (!context_.cut_off) return waiting_.push_back(std::move(read));
  std::vector<Read> reads;
  reads.push_back(std::move(read));
  answer(std::move(reads), true);
}

void RetainedReads::pump() {
  if (!in_sync_ && !waiting_.empty() && context_.loaded && context_.ensemble.connected()) sync();
  answer_overdue(waiting_);
  answer_overdue(syncing_);
  answer_some();
}

void RetainedReads::sync() {
  in_sync_ = true;
  syncing_ = std::exchange(waiting_, {});
  std::vector<MultiOperation> check;
  check.push_back({.kind = MultiOperation::Kind::check, .path = znode::topics, .data = {}});
  context_.ensemble.multi(std::move(check),
                          [this, run = run_](CoordinatorStatus status, const std::vector<MultiResult>&) {
                            if (run != run_) return;
                            if (status == CoordinatorStatus::ok) return synced();
                            start_over();
                          });
}

void RetainedReads::start_over() {
  ++run_;
  in_sync_ = false;
  waiting_.insert(waiting_.begin(), std::make_move_iterator(syncing_.begin()), std::make_move_iterator(syncing_.end()));
  syncing_.clear();
}

void RetainedReads::synced() {
  log_.catch_up([this, run = run_] {
    if (run != run_) return;
    topics_.when_settled([this, run] {
      if (run == run_) caught_up();
    });
  });
}

void RetainedReads::caught_up() {
  in_sync_ = false;
  answer(std::exchange(syncing_, {}), false);
  pump();
}

void RetainedReads::answer(std::vector<Read> reads, bool cut_off) {
  if (cut_off) context_.counters.reads_cut_off += reads.size();
  std::move(reads.begin(), reads.end(), std::back_inserter(answering_));
  answer_some();
}

void RetainedReads::answer_some() {
  if (tick_ != context_.now) steps_in_tick_ = 0;
  tick_ = context_.now;
  while (!answering_.empty() && steps_in_tick_ < context_.options.read_steps_per_tick) {
    const Read read = std::move(answering_.front());
    answering_.pop_front();
    ReadBudget budget{context_.options.read_steps_max, context_.options.read_matches_max};
    std::vector<core::RetainedMatch> matches;
    if (!context_.cache.read(read.filters, context_.clock.now(), budget, matches)) ++context_.counters.reads_cut_short;
    steps_in_tick_ += context_.options.read_steps_max - budget.steps;
    read.done(std::move(matches));
  }
}

void RetainedReads::answer_overdue(std::vector<Read>& reads) {
  std::vector<Read> overdue;
  std::erase_if(reads, [&](Read& read) {
    // What is in memory while the values are read is not what the cluster has.
    const bool loading = !context_.loaded && read.gives_up_at > context_.now;
    if (loading) read.waits_until = context_.now + context_.options.read_wait_ms;
    if (!context_.cut_off && read.waits_until > context_.now) return false;
    overdue.push_back(std::move(read));
    return true;
  });
  answer(std::move(overdue), true);
}

}  // namespace mqttzoo::cluster
