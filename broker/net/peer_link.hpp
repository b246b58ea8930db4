#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "broker/cluster/links/links.hpp"
#include "broker/common/backoff.hpp"
#include "broker/core/ids.hpp"
#include "broker/net/frame_reader.hpp"
#include "broker/net/net_events.hpp"
#include "broker/net/unique_fd.hpp"
#include "proto/cluster/peer.pb.h"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::net {

class PeerLink;

/// What all links of one loop share.
struct PeerLinkContext {
  boost::asio::io_context& io;
  NetEvents& events;
  NetCounters& counters;
  char* read_buffer;  ///< read_buffer_bytes, the thread's
  cluster::LinkOwner* owner = nullptr;
  std::mt19937_64 random{std::random_device{}()};
  /// Links for which something became ready, each once.
  std::vector<std::shared_ptr<PeerLink>> ready;
  /// Links with bytes to send, perhaps.
  std::vector<std::shared_ptr<PeerLink>> dirty;
};

/// One link to another broker, opened by this one (it reconnects for ever) or accepted (it ends once). Lives on the
/// loop of its owner. Completions of asio only note what became ready; `turn` does the work.
///
///     resting -> dialling -> greeting -> up -> resting ...      opened
///     up -> closed                                              accepted
class PeerLink : public std::enable_shared_from_this<PeerLink> {
 public:
  /// An opened link; `begin` starts the first attempt.
  PeerLink(PeerLinkContext& context, cluster::LinkId id, std::string address, proto::Hello hello);
  /// An accepted link whose Hello was answered; `early` has arrived behind the Hello.
  PeerLink(PeerLinkContext& context, cluster::LinkId id, std::string address, UniqueFd socket, bool is_v6);

  void begin(core::Milliseconds now);
  /// Accepted links: up, and reads what arrived behind the Hello.
  void begin_accepted(const proto::Hello& hello, std::string_view early, core::Milliseconds now);
  /// What became ready since the last turn, and deadlines.
  void turn(core::Milliseconds now);
  /// Sends what the socket takes.
  void flush(core::Milliseconds now);
  /// Ends the link without telling its owner.
  void close();

  cluster::LinkId id() const { return id_; }
  bool is_up() const { return state_ == State::up; }
  bool is_closed() const { return state_ == State::closed; }
  /// What is appended is sent by the next flush.
  mqtt::ByteBuffer& output();
  core::Milliseconds deadline() const { return deadline_; }

 private:
  enum class State : std::uint8_t { resting, dialling, greeting, up, closed };
  enum Ready : std::uint8_t { dialled = 1, dial_failed = 2, readable = 4, writable = 8 };

  void dial(core::Milliseconds now);
  void note(Ready what, std::uint32_t attempt);
  void await_readable();
  void await_writable();
  void configure_socket();
  void greet(core::Milliseconds now);
  void read(core::Milliseconds now);
  /// False: the link is not what it was; nothing more may be read of it.
  bool take_bytes(std::string_view bytes, core::Milliseconds now);
  bool take_frame(std::string_view frame, core::Milliseconds now);
  bool take_answer(std::string_view frame, core::Milliseconds now);
  void broken(std::string_view reason, core::Milliseconds now);
  /// The end of an attempt or of the link as such: reported, told to the owner, tried again after a rest.
  void end(std::string_view reason, core::Milliseconds now);

  PeerLinkContext& context_;
  const cluster::LinkId id_;
  const std::string address_;
  proto::Hello hello_;  ///< opened links
  boost::asio::ip::tcp::socket socket_;
  boost::asio::ip::tcp::resolver resolver_;
  State state_ = State::resting;
  std::uint8_t ready_ = 0;
  bool dirty_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  std::uint32_t attempt_ = 0;  ///< completions of earlier attempts say nothing
  core::Milliseconds deadline_;
  core::Milliseconds up_since_ = 0;
  FrameReader frames_;
  mqtt::ByteBuffer output_;
  Backoff backoff_;
  std::string dial_error_;
  std::string last_reason_;  ///< of the last failure that was reported
};

}  // namespace mqttzoo::net
