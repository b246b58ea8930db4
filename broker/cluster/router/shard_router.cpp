#include "broker/cluster/router/shard_router.hpp"

#include <algorithm>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

ShardRouter::ShardRouter(core::ShardIndex shard, core::ShardIndex shard_count, const RouterLimits& limits,
                         RouterCounters& counters, ShardPort& port, LinkTransport& transport,
                         const LeaseDeadline& lease)
    : shard_(shard),
      shard_count_(shard_count),
      limits_(limits),
      counters_(counters),
      port_(port),
      transport_(transport),
      lease_(lease),
      logs_(shard, shard_count, limits_, counters, *this),
      waits_(logs_),
      records_(logs_, waits_),
      home_(shard, shard_count, limits_, counters, *this),
      frontends_(shard, limits_, counters, *this),
      channels_(limits_, counters, *this) {
  ensure(shard < shard_count && shard_count <= shards_max, "the shards of a broker are numbered below 64");
}

ShardRouter::~ShardRouter() = default;

void ShardRouter::attach(core::RouterClient& client) { client_ = &client; }

void ShardRouter::receive(ToShard&& letter) {
  std::visit([this](auto&& one) { take(std::move(one)); }, std::move(letter));
}

void ShardRouter::receive(ShardLetter&& letter) {
  if (auto* const deliver = std::get_if<DeliverLetter>(&letter.content)) {
    take(std::move(*deliver));
  } else if (const auto* const delivered = std::get_if<DeliveredLetter>(&letter.content)) {
    take(*delivered);
  } else if (auto* const shared = std::get_if<DeliverSharedLetter>(&letter.content)) {
    take(std::move(*shared));
  } else if (auto* const request = std::get_if<HomeRequestLetter>(&letter.content)) {
    handle(std::move(request->request));
  } else if (auto* const answer = std::get_if<HomeAnswerLetter>(&letter.content)) {
    handle(std::move(answer->answer));
  } else if (const auto* const to_home = std::get_if<PacketsToHomeLetter>(&letter.content)) {
    if (!channels_.receive_at_home(to_home->packets)) counters_.protocol_errors.add();
  } else if (auto* const to_frontend = std::get_if<PacketsToFrontendLetter>(&letter.content)) {
    pass_to_frontend(std::move(to_frontend->packets));
  } else if (auto* const records = std::get_if<RecordsLetter>(&letter.content)) {
    if (!take_records(records->from, records->frame)) counters_.protocol_errors.add();
  } else if (const auto* const taken = std::get_if<RecordsAnswerLetter>(&letter.content)) {
    answer_records(taken->to, taken->answer);
  } else {
    channels_.close_all_of(std::get<FrontendLostLetter>(letter.content).frontend);
  }
}

// ---------------------------------------------------------------- turns

void ShardRouter::begin_turn(core::Now now) {
  now_ = now;
  turn_wanted_ = false;
  may_match_ = may_act(now);
  if (limits_.serves_without_lease && acting_) look_who_is_missing();
  home_.begin_turn(now);
  frontends_.begin_turn(now, lease_);
  if (channels_.begin_turn(now)) client_->settle_connections();
  release_held();
}

/// `fresh` was read after everything in this turn was matched and decided: if the lease holds by it, it held then. What
/// is matched or decided in here waits for the end of the next turn.
void ShardRouter::end_of_turn(core::Now fresh) {
  now_ = fresh;
  run_due();
  const bool permitted = may_act(fresh);
  if (permitted) {
    acknowledging_.swap(acknowledgements_);
    window_.take_finished(finished_);
  }
  home_.write_changes();
  home_.tell(permitted);
  acknowledge();
  resume_if_emptier();
  channels_.flush_to_homes();  // before a connection unregisters
  settle_homes(permitted);
  channels_.flush_to_frontends();  // after a connection was told that its session is open
  tell_own_interest();
  home_.write_changes();
  records_.write_all();
  wait_for_room_ |= logs_.send();
  tell_siblings();
  tell_view_entered();
  send_unfinished();
  close_batches();
  write_answers();
  const bool waiting_to_tell =
      !acknowledgements_.empty() || window_.has_finished() || home_.has_to_tell() || waits_.has_due();
  wait_for_lease_ = acting_ && !permitted && (waiting_to_tell || frontends_.has_granted() || !held_.empty());
  turn_wanted_ = (permitted && waiting_to_tell) || channels_.has_output();
  update_gauges();
}

void ShardRouter::acknowledge() {
  for (const Acknowledgement& one : acknowledging_) client_->published(one.ticket, {one.reason});
  acknowledging_.clear();
  for (const core::PublishTicket& ticket : finished_) {
    if (ticket.waiter != core::PublishTicket::Waiter::nobody) client_->published(ticket, {mqtt::ReasonCode::success});
  }
  finished_.clear();
}

/// What connections and homes have to tell each other, until neither has anything left for this shard.
void ShardRouter::settle_homes(bool permitted) {
  do {
    wait_for_room_ = frontends_.send_waiting();
  } while (take_own_letters() || (permitted && frontends_.admit_granted()));
}

void ShardRouter::resume_if_emptier() {
  if (!pausing_ || 2 * waiting_messages() > limits_.unfinished_messages_max ||
      2 * waiting_bytes() > limits_.unfinished_bytes_max)
    return;
  pausing_ = false;
  client_->resume_reading();
}

core::Milliseconds ShardRouter::next_deadline() const {
  if (turn_wanted_ || channels_.has_output()) return now_.steady;
  core::Milliseconds next = no_deadline;
  if (wait_for_room_ || wait_for_lease_ || channels_.waits_for_room()) next = now_.steady + limits_.look_again_ms;
  if (own_interest_.has_member_changes()) next = std::min(next, members_told_at_ + limits_.share_notice_ms);
  if (limits_.serves_without_lease && acting_) next = std::min(next, look_at_members_at());
  if (home_.has_deadline()) next = std::min(next, home_.next_deadline());
  next = std::min(next, frontends_.next_deadline(lease_).value_or(no_deadline));
  return next;
}

void ShardRouter::update_gauges() {
  counters_.unfinished_now.set(window_.size());
  counters_.unfinished_bytes_now.set(waiting_bytes());
  counters_.held_now.set(held_.size());
  counters_.lanes_now.set(lanes_.size());
  counters_.settling_now.set(own_interest_.settling());
}

}  // namespace mqttzoo::cluster
