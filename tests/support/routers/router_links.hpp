#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/links/links.hpp"

namespace mqttzoo::test {

class RouterLinks;

/// The network as one router sees it.
class TestTransport final : public cluster::LinkTransport {
 public:
  TestTransport(RouterLinks& links, std::string broker) : links_(links), broker_(std::move(broker)) {}

  void open(cluster::LinkId link, std::string address, proto::Hello hello) override;
  void close(cluster::LinkId link) override;
  mqtt::ByteBuffer& output(cluster::LinkId link) override;

  std::vector<cluster::LinkId> closed;  ///< in the order of the calls

 private:
  friend class RouterLinks;
  RouterLinks& links_;
  std::string broker_;
  std::map<cluster::LinkId, mqtt::ByteBuffer> outputs_;  ///< of links that are up
  mqtt::ByteBuffer nowhere_;
};

/// One end of a link, as the network reaches it: everything happens inside a turn of the router.
class LinkEnd {
 public:
  virtual ~LinkEnd() = default;
  virtual TestTransport& transport() = 0;
  virtual void up(cluster::LinkId link, const proto::HelloAnswer& answer) = 0;
  virtual void accepted(cluster::LinkId link, const proto::Hello& hello) = 0;
  virtual bool frame(cluster::LinkId link, const std::string& frame) = 0;
  virtual void down(cluster::LinkId link) = 0;
};

/// The data links between all brokers. Bytes lie in flight until they are carried; what a test cuts is gone.
class RouterLinks {
 public:
  /// Whom a Hello reaches; null: nobody who answers.
  using FindAcceptor = LinkEnd* (*)(void* context, const proto::Hello& hello);
  RouterLinks(FindAcceptor acceptor, void* context) : find_acceptor_(acceptor), context_(context) {}

  void add_end(TestTransport& transport, LinkEnd& end) { ends_[&transport] = &end; }

  /// Nothing passes between the two, and their links end; `keep_arrived`: what has been sent lies in the receiver's
  /// socket and is read by carry_arrived, even after the next link was accepted.
  void cut(const std::string& a, const std::string& b, bool keep_arrived = false);
  /// Nothing passes, but the links stand.
  void stall(const std::string& from, const std::string& to) { stalled_.insert({from, to}); }
  void heal(const std::string& a, const std::string& b);

  /// Opens what is wanted and can be; then carries everything in flight once. True: something happened.
  bool carry();
  void carry_arrived();
  /// After a router's turn: what it appended is in flight.
  void flush(TestTransport& transport);

  /// Forward and other frames that were carried from one broker to another, answers not included.
  int frames(const std::string& from, const std::string& to) const;
  int links_failed = 0;  ///< ended by a router for what it was sent

 private:
  friend class TestTransport;
  struct Link {
    LinkEnd* opener = nullptr;
    cluster::LinkId id = 0;
    proto::Hello hello;
    std::string from;
    std::string to;
    bool up = false;
    LinkEnd* acceptor = nullptr;
    cluster::LinkId accepted_id = 0;
    std::string there;  ///< in flight
    std::string back;
  };
  struct Arrived {
    LinkEnd* acceptor;
    cluster::LinkId id;
    std::string bytes;
  };

  bool connect(Link& link);
  void end(Link& link, bool keep_arrived);
  bool carry(Link& link);
  bool hand_over(LinkEnd& end, cluster::LinkId id, std::string& bytes, int& frames);
  Link* find(const TestTransport& transport, cluster::LinkId id);

  FindAcceptor find_acceptor_;
  void* context_;
  std::map<TestTransport*, LinkEnd*> ends_;
  std::list<Link> links_;
  std::vector<Arrived> arrived_;
  std::set<std::pair<std::string, std::string>> cut_;
  std::set<std::pair<std::string, std::string>> stalled_;
  std::map<std::pair<std::string, std::string>, int> frames_;
  cluster::LinkId next_accepted_ = cluster::accepted_links;
};

}  // namespace mqttzoo::test
