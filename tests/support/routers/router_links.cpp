#include "tests/support/routers/router_links.hpp"

#include <algorithm>

#include "broker/cluster/links/frames.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::test {

using cluster::LinkId;

void TestTransport::open(LinkId link, std::string, proto::Hello hello) {
  ensure(!links_.find(*this, link), "a link is opened once");
  RouterLinks::Link opened;
  opened.opener = links_.ends_.at(this);
  opened.id = link;
  opened.from = broker_;
  opened.to = hello.to().name();
  opened.hello = std::move(hello);
  links_.links_.push_back(std::move(opened));
}

void TestTransport::close(LinkId link) {
  closed.push_back(link);
  RouterLinks::Link* const found = links_.find(*this, link);
  if (!found) return;
  const bool opened_here = &found->opener->transport() == this;
  outputs_.erase(link);
  if (found->up) {
    LinkEnd& other = opened_here ? *found->acceptor : *found->opener;
    const LinkId other_id = opened_here ? found->accepted_id : found->id;
    found->up = false;
    other.transport().outputs_.erase(other_id);
    other.down(other_id);
  }
  if (opened_here) links_.links_.remove_if([&](const RouterLinks::Link& one) { return &one == found; });
}

mqtt::ByteBuffer& TestTransport::output(LinkId link) {
  const auto found = outputs_.find(link);
  if (found != outputs_.end()) return found->second;
  nowhere_.clear();
  return nowhere_;
}

RouterLinks::Link* RouterLinks::find(const TestTransport& transport, LinkId id) {
  for (Link& link : links_) {
    if (&link.opener->transport() == &transport && link.id == id) return &link;
    if (link.up && &link.acceptor->transport() == &transport && link.accepted_id == id) return &link;
  }
  return nullptr;
}

void RouterLinks::cut(const std::string& a, const std::string& b, bool keep_arrived) {
  cut_.insert({a, b});
  cut_.insert({b, a});
  for (Link& link : links_) {
    if (link.up && cut_.contains({link.from, link.to})) end(link, keep_arrived);
  }
}

void RouterLinks::heal(const std::string& a, const std::string& b) {
  for (const auto& way : {std::pair(a, b), std::pair(b, a)}) {
    cut_.erase(way);
    stalled_.erase(way);
  }
}

void RouterLinks::end(Link& link, bool keep_arrived) {
  link.up = false;
  link.opener->transport().outputs_.erase(link.id);
  link.acceptor->transport().outputs_.erase(link.accepted_id);
  if (keep_arrived) {
    arrived_.push_back({link.acceptor, link.accepted_id, link.there});
  } else {
    link.acceptor->down(link.accepted_id);
  }
  link.there.clear();
  link.back.clear();
  link.opener->down(link.id);
}

bool RouterLinks::connect(Link& link) {
  if (link.up || cut_.contains({link.from, link.to})) return false;
  link.acceptor = find_acceptor_(context_, link.hello);
  if (!link.acceptor) return false;
  link.up = true;
  link.accepted_id = next_accepted_++;
  link.acceptor->transport().outputs_[link.accepted_id];
  link.opener->transport().outputs_[link.id];
  link.acceptor->accepted(link.accepted_id, link.hello);
  proto::HelloAnswer answer;
  link.opener->up(link.id, answer);
  return true;
}

void RouterLinks::flush(TestTransport& transport) {
  for (Link& link : links_) {
    if (!link.up) continue;
    const bool opened_here = &link.opener->transport() == &transport;
    if (!opened_here && &link.acceptor->transport() != &transport) continue;
    if (stalled_.contains(opened_here ? std::pair(link.from, link.to) : std::pair(link.to, link.from))) continue;
    mqtt::ByteBuffer& output = transport.output(opened_here ? link.id : link.accepted_id);
    (opened_here ? link.there : link.back).append(output.view());
    output.clear();
  }
}

bool RouterLinks::hand_over(LinkEnd& end, LinkId id, std::string& bytes, int& frames) {
  const std::string all = std::exchange(bytes, {});
  for (std::size_t at = 0; at < all.size();) {
    const std::uint32_t length = cluster::read_frame_length(all.data() + at);
    ++frames;
    if (!end.frame(id, all.substr(at + cluster::frame_length_bytes, length))) return false;
    at += cluster::frame_length_bytes + length;
  }
  return true;
}

bool RouterLinks::carry(Link& link) {
  if (!link.up) return false;
  int answers = 0;
  const bool any = !link.there.empty() || !link.back.empty();
  const bool good = hand_over(*link.acceptor, link.accepted_id, link.there, frames_[{link.from, link.to}]) &&
                    hand_over(*link.opener, link.id, link.back, answers);
  if (!good) {
    ++links_failed;
    end(link, false);
  }
  return any;
}

bool RouterLinks::carry() {
  bool any = false;
  for (auto& [transport, end] : ends_) flush(*transport);
  for (Link& link : links_) any |= connect(link);
  for (Link& link : links_) any |= carry(link);
  return any;
}

void RouterLinks::carry_arrived() {
  for (Arrived& one : std::exchange(arrived_, {})) {
    int frames = 0;
    if (!hand_over(*one.acceptor, one.id, one.bytes, frames)) ++links_failed;
    one.acceptor->down(one.id);
  }
}

int RouterLinks::frames(const std::string& from, const std::string& to) const {
  const auto found = frames_.find({from, to});
  return found == frames_.end() ? 0 : found->second;
}

}  // namespace mqttzoo::test
