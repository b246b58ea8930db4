#include "broker/cluster/control/control_sender.hpp"

#include <utility>
#include <vector>

#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::cluster {

namespace {

void put(const std::vector<ShareInterest>& shares, google::protobuf::RepeatedPtrField<proto::ShareInterest>& to) {
  for (const ShareInterest& share : shares) {
    proto::ShareInterest& one = *to.Add();
    one.set_name(share.name);
    one.set_members(share.members.all);
    one.set_able_members(share.members.able);
  }
}

}  // namespace

void ControlSender::restart(const InterestLog& log) {
  entered_told_ = 0;
  ready_told_ = 0;
  applied_told_.reset();
  last_frame_.reset();
  begin_snapshot(log);
  snapshot_begun_ = false;
}

bool ControlSender::send(mqtt::ByteBuffer& out, const InterestLog& log, const PeerNews& news, core::Milliseconds now) {
  const std::size_t before = out.size();
  if (!snapshot_begun_ && has_room(out)) send_snapshot_part(out, log);
  if (news.view && news.view->number > entered_told_ && has_room(out)) send_enter(out, news);
  if (news.applied && news.applied != applied_told_ && has_room(out)) send_applied(out, news);
  while ((snapshot_under_way_ || told_ < log.sequence()) && has_room(out)) {
    if (snapshot_under_way_)
      send_snapshot_part(out, log);
    else if (const InterestLog::Delta* const delta = log.find(told_ + 1))
      send_delta(out, *delta);
    else
      begin_snapshot(log);
  }
  const bool all_interest_told = !snapshot_under_way_ && told_ == log.sequence();
  const bool owes_ready = news.view && news.ready && ready_told_ < news.view->number;
  if (owes_ready && all_interest_told && entered_told_ == news.view->number && has_room(out)) {
    proto::ControlFrame frame;
    frame.mutable_ready()->set_view_number(news.view->number);
    append_frame(out, frame);
    ready_told_ = news.view->number;
  }
  if (out.size() > before) last_frame_ = now;
  if (news.alive && out.empty()) send_alive(out, now);
  return !has_room(out);
}

void ControlSender::begin_snapshot(const InterestLog& log) {
  snapshot_under_way_ = true;
  snapshot_cursor_.clear();
  told_ = log.sequence();
}

void ControlSender::send_snapshot_part(mqtt::ByteBuffer& out, const InterestLog& log) {
  InterestLog::Part part;
  snapshot_under_way_ = log.snapshot_part(snapshot_cursor_, limits_.snapshot_part_bytes, part);
  snapshot_begun_ = true;
  proto::ControlFrame frame;
  proto::InterestSnapshot& snapshot = *frame.mutable_interest_snapshot();
  snapshot.set_sequence(told_);
  snapshot.set_more(snapshot_under_way_);
  for (std::string& filter : part.filters) snapshot.add_filters(std::move(filter));
  put(part.shares, *snapshot.mutable_shares());
  append_frame(out, frame);
}

void ControlSender::send_delta(mqtt::ByteBuffer& out, const InterestLog::Delta& delta) {
  proto::ControlFrame frame;
  proto::InterestDelta& to = *frame.mutable_interest_delta();
  to.set_sequence(delta.sequence);
  for (const std::string& filter : delta.added) to.add_added(filter);
  for (const std::string& filter : delta.removed) to.add_removed(filter);
  put(delta.shares, *to.mutable_shares());
  append_frame(out, frame);
  told_ = delta.sequence;
}

void ControlSender::send_enter(mqtt::ByteBuffer& out, const PeerNews& news) {
  proto::ControlFrame frame;
  frame.mutable_enter()->set_view(serialize(*news.view));
  append_frame(out, frame);
  entered_told_ = news.view->number;
}

void ControlSender::send_applied(mqtt::ByteBuffer& out, const PeerNews& news) {
  proto::ControlFrame frame;
  frame.mutable_interest_applied()->set_sequence(*news.applied);
  append_frame(out, frame);
  applied_told_ = news.applied;
}

void ControlSender::send_alive(mqtt::ByteBuffer& out, core::Milliseconds now) {
  if (last_frame_ && now - *last_frame_ < limits_.alive_interval_ms) return;
  proto::ControlFrame frame;
  frame.mutable_alive();
  append_frame(out, frame);
  last_frame_ = now;
}

}  // namespace mqttzoo::cluster
