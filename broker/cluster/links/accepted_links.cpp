#include "broker/cluster/links/accepted_links.hpp"

#include <algorithm>

#include "broker/cluster/links/frames.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

void AcceptedLink::accept(ViewNumber view, std::uint64_t number) {
  Range* const last = answers_.empty() ? nullptr : &answers_.back();
  if (last && last->accepted && last->view == view && last->last < number &&
      !mark_->any_open_between(last->last, number)) {
    last->last = number;
  } else {
    answers_.push_back({view, number, number, true});
  }
}

void AcceptedLink::decline(ViewNumber view, std::uint64_t number) { answers_.push_back({view, number, number, false}); }

void AcceptedLink::write_answers(mqtt::ByteBuffer& out) {
  for (std::size_t i = 0; i < answers_.size();) {
    proto::DataAnswer frame;
    proto::ForwardAnswer& answer = *frame.mutable_forward_answer();
    const ViewNumber view = answers_[i].view;
    answer.set_view_number(view);
    for (; i < answers_.size() && answers_[i].view == view; ++i) {
      if (!answers_[i].accepted) {
        answer.add_declined(answers_[i].first);
        continue;
      }
      proto::NumberRange& range = *answer.add_accepted();
      range.set_first(answers_[i].first);
      range.set_last(answers_[i].last);
    }
    append_frame(out, frame);
  }
  answers_.clear();
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
