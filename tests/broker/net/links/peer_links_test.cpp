#include "broker/net/peer_links.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <memory>

#include "broker/cluster/links/frames.hpp"
#include "broker/net/clock.hpp"
#include "broker/net/event_loop.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/peer_listener.hpp"
#include "broker/net/unique_fd.hpp"

namespace mqttzoo::net {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr core::Milliseconds patience_ms = 10'000;

struct RecordedEvents final : NetEvents {
  void client_ended(const core::ConnectionEnd&) override {}
  void client_turned_away(const std::string&, std::string_view) override {}
  void peer_refused(const std::string&, std::string_view reason) override { refused.emplace_back(reason); }
  void peer_link(const std::string&, bool up, std::string_view reason) override {
    links.push_back(up ? "up" : "down: " + std::string(reason));
  }
  void accepting(bool, std::string_view) override {}

  std::vector<std::string> refused;
  std::vector<std::string> links;
};

// What Control or a router would be: writes down what it is told.
struct RecordedOwner final : cluster::LinkOwner {
  void link_up(cluster::LinkId link, const proto::HelloAnswer&) override { up.push_back(link); }
  void link_accepted(cluster::LinkId link, const proto::Hello& hello) override {
    accepted.push_back(link);
    from.push_back(hello.from().name());
  }
  bool link_frame(cluster::LinkId, std::string_view frame) override {
    frames.emplace_back(frame);
    bytes += frame.size();
    return frame != "bad";
  }
  void link_down(cluster::LinkId link) override { down.push_back(link); }

  std::vector<cluster::LinkId> up;
  std::vector<cluster::LinkId> accepted;
  std::vector<cluster::LinkId> down;
  std::vector<std::string> from;
  std::vector<std::string> frames;
  std::size_t bytes = 0;
};

void append_raw(mqtt::ByteBuffer& out, std::string_view frame) {
  char* const place = out.extend(cluster::frame_length_bytes);
  cluster::write_frame_length(place, static_cast<std::uint32_t>(frame.size()));
  out.append(frame);
}

// One broker's control thread, reduced to its links: turned by hand until something has happened.
struct Side final : LoopClient {
  explicit Side(bool listens) : links(loop, events, counters, read_buffer.get()) {
    links.attach(owner);
    if (!listens) return;
    listener = std::make_unique<PeerListener>(loop, "127.0.0.1", 0, events, counters);
    listener->start(
        [this](const proto::Hello& hello) {
          proto::HelloAnswer answer;
          answer.set_protocol_version(cluster::peer_protocol_version);
          if (hello.protocol_version() != cluster::peer_protocol_version) answer.set_refused("another version");
          if (refuse_all) answer.set_refused("not now");
          return answer;
        },
        [this](AcceptedPeer peer) { links.adopt(std::move(peer), steady_now()); });
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(listener->port()); }

  void turn(core::Milliseconds now) override {
    links.turn(now);
    if (listener) listener->turn(now);
    links.flush(steady_now());
  }
  bool has_work() override { return links.has_work() || (listener && listener->has_work()); }
  core::Milliseconds next_deadline() override {
    core::Milliseconds next = std::min(links.next_deadline(), steady_now() + 1);  // the other side wants its turn
    return listener ? std::min(next, listener->next_deadline()) : next;
  }

  RecordedEvents events;
  RecordedOwner owner;
  NetCounters counters;
  EventLoop loop;
  std::unique_ptr<char[]> read_buffer{new char[read_buffer_bytes]};
  PeerLinks links;
  std::unique_ptr<PeerListener> listener;
  bool refuse_all = false;
};

// Two brokers on one thread: their loops turn alternately until something has happened.
struct PeerLinksTest : testing::Test {
  PeerLinksTest() {
    hello.set_protocol_version(cluster::peer_protocol_version);
    hello.set_kind(proto::CONTROL);
    hello.mutable_from()->set_name("opener");
  }

  void until(const std::function<bool()>& condition) {
    const core::Milliseconds deadline = steady_now() + patience_ms;
    while (!condition()) {
      ASSERT_LT(steady_now(), deadline) << "it did not happen in time";
      for (Side* side : sides) side->loop.turn_once(*side);
    }
  }

  proto::Hello hello;
  Side opener{false};
  std::unique_ptr<Side> acceptor = std::make_unique<Side>(true);
  std::vector<Side*> sides{&opener, acceptor.get()};
};

// A client that speaks bytes, not frames.
struct RawPeer {
  explicit RawPeer(std::uint16_t port) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  void send(std::string_view bytes) const { ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // True when the other side has closed.
  bool closed() {
    char bytes[4096];
    const ssize_t size = ::recv(fd.get(), bytes, sizeof bytes, 0);
    if (size > 0) received.append(bytes, static_cast<std::size_t>(size));
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EINPROGRESS && errno != ENOTCONN);
  }
  UniqueFd fd;
  std::string received;
};

TEST_F(PeerLinksTest, A_link_stands_after_Hello_and_its_answer_and_carries_frames_both_ways) {
  opener.links.open(3, acceptor->address(), hello);
  until([&] { return !opener.owner.up.empty() && !acceptor->owner.accepted.empty(); });
  EXPECT_THAT(opener.owner.up, ElementsAre(3));
  EXPECT_THAT(acceptor->owner.accepted, ElementsAre(cluster::accepted_links));
  EXPECT_THAT(acceptor->owner.from, ElementsAre("opener"));
  EXPECT_THAT(opener.events.links, ElementsAre("up"));

  append_raw(opener.links.output(3), "one");
  append_raw(opener.links.output(3), "");
  append_raw(acceptor->links.output(cluster::accepted_links), "back");
  until([&] { return acceptor->owner.frames.size() == 2 && opener.owner.frames.size() == 1; });
  EXPECT_THAT(acceptor->owner.frames, ElementsAre("one", ""));
  EXPECT_THAT(opener.owner.frames, ElementsAre("back"));
}

TEST_F(PeerLinksTest, Megabytes_arrive_whole_though_the_socket_takes_them_in_parts) {
  opener.links.open(0, acceptor->address(), hello);
  until([&] { return !opener.owner.up.empty(); });
  for (int i = 0; i < 8; ++i) append_raw(opener.links.output(0), std::string(3'000'000, static_cast<char>('a' + i)));
  until([&] { return acceptor->owner.frames.size() == 8; });
  EXPECT_EQ(acceptor->owner.bytes, 24'000'000U);
  EXPECT_EQ(acceptor->owner.frames[7], std::string(3'000'000, 'h'));
}

TEST_F(PeerLinksTest, What_is_written_while_a_link_is_down_is_never_sent) {
  opener.links.open(0, acceptor->address(), hello);
  append_raw(opener.links.output(0), "too early");
  until([&] { return !opener.owner.up.empty(); });
  EXPECT_TRUE(opener.links.output(0).empty());
  append_raw(opener.links.output(0), "now");
  until([&] { return !acceptor->owner.frames.empty(); });
  EXPECT_THAT(acceptor->owner.frames, ElementsAre("now"));
}

TEST_F(PeerLinksTest, A_link_that_ends_is_opened_again) {
  opener.links.open(0, acceptor->address(), hello);
  until([&] { return !acceptor->owner.accepted.empty() && !opener.owner.up.empty(); });
  acceptor->links.close(acceptor->owner.accepted[0]);
  until([&] { return opener.owner.up.size() == 2 && acceptor->owner.accepted.size() == 2; });
  EXPECT_THAT(opener.owner.down, ElementsAre(0));
  EXPECT_THAT(opener.events.links, ElementsAre("up", "down: closed by the other broker", "up"));
  EXPECT_NE(acceptor->owner.accepted[0], acceptor->owner.accepted[1]);
  EXPECT_THAT(acceptor->owner.down, ElementsAre());  // who closes a link knows
}

TEST_F(PeerLinksTest, A_peer_that_is_not_there_yet_is_found_when_it_comes_and_reported_once) {
  const std::string address = acceptor->address();
  acceptor->listener->stop();
  opener.links.open(0, address, hello);
  until([&] { return !opener.events.links.empty(); });
  const auto attempts_until = steady_now() + 300;
  until([&] { return steady_now() > attempts_until; });
  EXPECT_THAT(opener.events.links, ElementsAre("down: Connection refused"));

  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  acceptor->listener =
      std::make_unique<PeerListener>(acceptor->loop, "127.0.0.1", port, acceptor->events, acceptor->counters);
  acceptor->listener->start(
      [](const proto::Hello&) {
        proto::HelloAnswer answer;
        answer.set_protocol_version(cluster::peer_protocol_version);
        return answer;
      },
      [&](AcceptedPeer peer) { acceptor->links.adopt(std::move(peer), steady_now()); });
  until([&] { return !opener.owner.up.empty(); });
}

TEST_F(PeerLinksTest, A_refusal_is_told_and_tried_again) {
  acceptor->refuse_all = true;
  opener.links.open(0, acceptor->address(), hello);
  until([&] { return acceptor->events.refused.size() >= 2; });
  EXPECT_THAT(opener.events.links, ElementsAre("down: refused: not now"));
  EXPECT_THAT(opener.owner.up, ElementsAre());
  EXPECT_GE(acceptor->counters.peer_links_refused, 2U);
  acceptor->refuse_all = false;
  until([&] { return !opener.owner.up.empty(); });
}

TEST_F(PeerLinksTest, A_frame_that_its_owner_cannot_read_ends_the_link) {
  opener.links.open(0, acceptor->address(), hello);
  until([&] { return !opener.owner.up.empty(); });
  append_raw(opener.links.output(0), "bad");
  append_raw(opener.links.output(0), "never looked at");
  until([&] { return !acceptor->owner.down.empty() && opener.owner.up.size() == 2; });
  EXPECT_THAT(acceptor->owner.frames, ElementsAre("bad"));
  EXPECT_THAT(acceptor->events.refused, ElementsAre("a frame breaks the protocol between brokers"));
  EXPECT_EQ(acceptor->counters.peer_links_broken, 1U);
}

TEST_F(PeerLinksTest, Garbage_is_turned_away_with_its_reason_and_disturbs_nobody) {
  opener.links.open(0, acceptor->address(), hello);
  until([&] { return !opener.owner.up.empty(); });
  for (const std::string_view garbage :
       {std::string_view("GET / HTTP/1.1\r\n\r\n"), std::string_view("\xff\xff\xff\xff"),
        std::string_view("\0\0\0\5\xff\xff\xff\xff\xff", 9)}) {
    const std::size_t before = acceptor->events.refused.size();
    RawPeer stranger(acceptor->listener->port());
    until([&] { return !acceptor->listener->has_work(); });
    stranger.send(garbage);
    until([&] { return stranger.closed(); });
    EXPECT_EQ(acceptor->events.refused.size(), before + 1);
  }
  EXPECT_THAT(acceptor->events.refused, ElementsAre("it does not speak the protocol between brokers",
                                                    "it does not speak the protocol between brokers",
                                                    "it does not speak the protocol between brokers"));
  append_raw(opener.links.output(0), "still here");
  until([&] { return !acceptor->owner.frames.empty(); });
  EXPECT_THAT(opener.owner.down, ElementsAre());
}

TEST_F(PeerLinksTest, Another_version_is_answered_and_turned_away) {
  RawPeer stranger(acceptor->listener->port());
  hello.set_protocol_version(999);
  mqtt::ByteBuffer bytes;
  cluster::append_frame(bytes, hello);
  stranger.send(bytes.view());
  until([&] { return stranger.closed(); });
  EXPECT_THAT(stranger.received, HasSubstr("another version"));
  EXPECT_THAT(acceptor->events.refused, ElementsAre("another version"));
}

TEST_F(PeerLinksTest, A_Hello_in_pieces_and_frames_right_behind_it) {
  mqtt::ByteBuffer bytes;
  cluster::append_frame(bytes, hello);
  append_raw(bytes, "early");
  RawPeer peer(acceptor->listener->port());
  peer.send(bytes.view().substr(0, 3));
  const auto later = steady_now() + 20;
  until([&] { return steady_now() > later; });
  peer.send(bytes.view().substr(3));
  until([&] { return !acceptor->owner.frames.empty(); });
  EXPECT_THAT(acceptor->owner.frames, ElementsAre("early"));
}

TEST_F(PeerLinksTest, Who_says_nothing_is_closed_after_a_while) {
  RawPeer silent(acceptor->listener->port());
  until([&] { return silent.closed(); });
  EXPECT_THAT(acceptor->events.refused, ElementsAre("no Hello in time"));
}

TEST_F(PeerLinksTest, Strangers_are_bounded) {
  std::vector<std::unique_ptr<RawPeer>> strangers;
  for (std::size_t i = 0; i < strangers_max + 3; ++i) {
    strangers.push_back(std::make_unique<RawPeer>(acceptor->listener->port()));
  }
  until([&] { return acceptor->events.refused.size() == 3; });
  EXPECT_THAT(acceptor->events.refused, Contains("too many sockets that have not said Hello"));
}

TEST_F(PeerLinksTest, Strangers_do_not_keep_a_broker_out) {
  std::vector<std::unique_ptr<RawPeer>> strangers;
  for (std::size_t i = 0; i < strangers_max; ++i) {
    strangers.push_back(std::make_unique<RawPeer>(acceptor->listener->port()));
  }
  until([&] { return acceptor->counters.sockets_accepted == strangers_max; });
  opener.links.open(1, acceptor->address(), hello);
  until([&] { return !opener.owner.up.empty(); });
  EXPECT_THAT(acceptor->events.refused, ElementsAre("too many sockets that have not said Hello"));
}

TEST_F(PeerLinksTest, A_port_in_use_is_a_clear_error) {
  try {
    PeerListener second(opener.loop, "127.0.0.1", acceptor->listener->port(), opener.events, opener.counters);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), "cannot listen on " + acceptor->address() + ": the port is in use");
  }
}

}  // namespace
}  // namespace mqttzoo::net
