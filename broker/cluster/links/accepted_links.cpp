#include "broker/cluster/links/accepted_links.hpp"

#include <algorithm>

#include "broker/cluster/links/frames.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

void AcceptedLink::accept(ViewNumber view, std::uint64_t number) {
  if (!accepted_.empty() && accepted_.back().view == view && accepted_.back().last < number) {
    accepted_.back().last = number;
  } else {
    accepted_.push_back({view, number, number});
  }
}

void AcceptedLink::write_answers(mqtt::ByteBuffer& out) {
  for (std::size_t i = 0; i < accepted_.size();) {
    proto::DataAnswer frame;
    proto::ForwardAnswer& answer = *frame.mutable_forward_answer();
    const ViewNumber view = accepted_[i].view;
    answer.set_view_number(view);
    for (; i < accepted_.size() && accepted_[i].view == view; ++i) {
      proto::NumberRange& range = *answer.add_accepted();
      range.set_first(accepted_[i].first);
      range.set_last(accepted_[i].last);
    }
    append_frame(out, frame);
  }
  accepted_.clear();
}

AcceptedLink& AcceptedLinks::add(LinkId id, const StreamId& stream, StreamMark& mark) {
  const auto before = by_stream_.find(stream);
  if (before != by_stream_.end()) links_.erase(before->second);
  by_stream_[stream] = id;
  return links_.insert_or_assign(id, AcceptedLink(id, stream, mark)).first->second;
}

void AcceptedLinks::remove(LinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  by_stream_.erase(found->second.stream());
  links_.erase(found);
}

AcceptedLink* AcceptedLinks::find(LinkId id) {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : &found->second;
}

AcceptedLink* AcceptedLinks::find(const StreamId& stream) {
  const auto found = by_stream_.find(stream);
  return found == by_stream_.end() ? nullptr : find(found->second);
}

bool AcceptedLinks::has_origin(const Incarnation& origin) const {
  return std::any_of(by_stream_.begin(), by_stream_.end(),
                     [&](const auto& entry) { return entry.first.origin == origin; });
}

}  // namespace mqttzoo::cluster
