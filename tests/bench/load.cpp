#include "tests/bench/load.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <stdexcept>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"
#include "tests/bench/load_client.hpp"

namespace mqttzoo::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto stall_max = std::chrono::seconds(20);
constexpr std::size_t output_bytes_max = 64 * 1024;

struct Publisher {
  std::unique_ptr<LoadClient> client;
  std::string topic;
  std::uint64_t next = 0;          ///< number of the next message
  std::uint64_t acknowledged = 0;  ///< QoS 1 and 2
  std::uint64_t received = 0;      ///< by all of its subscribers
  std::size_t subscribers = 0;
};

struct Subscriber {
  std::unique_ptr<LoadClient> client;
  Publisher* publisher = nullptr;
  std::uint64_t expected = 0;
};

}  // namespace

struct Load::Clients {
  explicit Clients(const LoadOptions& options)
      : options_(options), epoll_(::epoll_create1(0)), payload_(std::max<std::size_t>(options.bytes, 8), 'x') {
    each_ = options.messages / (options.publishers * options.subscribers_each);
  }
  ~Clients() { ::close(epoll_); }

  void connect() {
    for (std::size_t i = 0; i < options_.publishers; ++i) {
      Publisher& publisher = publishers_.emplace_back();
      publisher.topic = "bench/" + std::to_string(i);
      publisher.client = open("pub-" + std::to_string(i));
      publisher.subscribers = options_.subscribers_each;
      for (std::size_t j = 0; j < options_.subscribers_each; ++j) {
        Subscriber& subscriber = subscribers_.emplace_back();
        subscriber.publisher = &publisher;
        subscriber.client = open("sub-" + std::to_string(i) + '-' + std::to_string(j));
        subscribe(subscriber);
      }
    }
    // Accepting, CONNACK and SUBACK are over when every client has its answers.
    for (Publisher& publisher : publishers_) await(*publisher.client, mqtt::PacketType::connack);
    for (Subscriber& subscriber : subscribers_) await(*subscriber.client, mqtt::PacketType::suback);
    for (Publisher& publisher : publishers_) watch(*publisher.client, 2 * index_of(publishers_, publisher));
    for (Subscriber& subscriber : subscribers_) watch(*subscriber.client, 2 * index_of(subscribers_, subscriber) + 1);
  }

  double run() {
    const auto begin = Clock::now();
    begin_ = begin;
    auto progress = begin;
    std::uint64_t last = 0;
    while (received_ < each_ * subscribers_.size()) {
      for (Publisher& publisher : publishers_) publish(publisher);
      epoll_event events[256];
      const int count = ::epoll_wait(epoll_, events, 256, options_.rate == 0 ? 1000 : 1);
      for (int i = 0; i < count; ++i) handle(events[i].data.u64);
      const auto now = Clock::now();
      if (received_ != last) {
        last = received_;
        progress = now;
      }
      if (now - progress > stall_max) throw std::runtime_error("stalled after " + std::to_string(received_));
    }
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  template <class T>
  static std::uint64_t index_of(const std::deque<T>& all, const T& one) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (&all[i] == &one) return i;
    }
    return 0;
  }

  std::unique_ptr<LoadClient> open(const std::string& client_id) {
    return std::make_unique<LoadClient>(options_.host, options_.port, client_id);
  }

  void subscribe(Subscriber& subscriber) {
    mqtt::SubscriptionListWriter subscriptions;
    subscriptions.add({.topic_filter = subscriber.publisher->topic, .qos = static_cast<mqtt::QoS>(options_.qos)});
    mqtt::Subscribe subscribe;
    subscribe.packet_id = 1;
    subscribe.subscriptions = subscriptions.list();
    mqtt::encode(subscriber.client->output(), subscribe, mqtt::ProtocolVersion::v3_1_1);
    subscriber.client->flush();
  }

  static void await(LoadClient& client, mqtt::PacketType type) {
    const auto deadline = Clock::now() + stall_max;
    for (bool there = false; !there;) {
      if (Clock::now() > deadline) throw std::runtime_error("no answer to CONNECT or SUBSCRIBE");
      client.receive([&](const mqtt::Frame& frame) { there = there || frame.type() == type; });
    }
  }

  void watch(LoadClient& client, std::uint64_t key) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = key;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd(), &event);
  }

  void handle(std::uint64_t key) {
    if (key % 2 == 0) {
      Publisher& publisher = publishers_[key / 2];
      while (publisher.client->receive([&](const mqtt::Frame& frame) { on_acknowledgement(publisher, frame); })) {
      }
      publisher.client->flush();
    } else {
      Subscriber& subscriber = subscribers_[key / 2];
      while (subscriber.client->receive([&](const mqtt::Frame& frame) { on_message(subscriber, frame); })) {
      }
      subscriber.client->flush();
    }
  }

  // What has been published and not yet received by all stays within the window.
  bool may_publish(const Publisher& publisher) const {
    if (publisher.next == each_) return false;
    if (options_.rate != 0 && static_cast<double>(publisher.next) >= allowed_by_rate()) return false;
    if (publisher.next - publisher.received / publisher.subscribers >= options_.window) return false;
    return options_.qos == 0 || publisher.next - publisher.acknowledged < options_.window;
  }

  double allowed_by_rate() const {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    return seconds * static_cast<double>(options_.rate) / static_cast<double>(publishers_.size());
  }

  void publish(Publisher& publisher) {
    mqtt::ByteBuffer& output = publisher.client->output();
    if (!output.empty()) return;
    while (output.size() < output_bytes_max && may_publish(publisher)) {
      mqtt::Publish publish;
      publish.topic = publisher.topic;
      publish.qos = static_cast<mqtt::QoS>(options_.qos);
      if (options_.qos != 0) publish.packet_id = static_cast<std::uint16_t>(publisher.next % 65'535 + 1);
      std::memcpy(payload_.data(), &publisher.next, sizeof publisher.next);
      publish.payload = payload_;
      mqtt::encode(output, publish, mqtt::ProtocolVersion::v3_1_1);
      ++publisher.next;
    }
    publisher.client->flush();
  }

  void on_acknowledgement(Publisher& publisher, const mqtt::Frame& frame) {
    if (frame.type() == mqtt::PacketType::puback || frame.type() == mqtt::PacketType::pubcomp) {
      ++publisher.acknowledged;
    } else if (frame.type() == mqtt::PacketType::pubrec) {
      const mqtt::Pubrel pubrel{
          .packet_id = packet_id_of(frame), .reason = mqtt::ReasonCode::success, .properties = {}};
      mqtt::encode(publisher.client->output(), pubrel, mqtt::ProtocolVersion::v3_1_1);
    }
  }

  static std::uint16_t packet_id_of(const mqtt::Frame& frame) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(frame.body[0]) << 8 |
                                      static_cast<unsigned char>(frame.body[1]));
  }

  void on_message(Subscriber& subscriber, const mqtt::Frame& frame) {
    mqtt::ByteBuffer& output = subscriber.client->output();
    if (frame.type() == mqtt::PacketType::pubrel) {
      const mqtt::Pubcomp pubcomp{.packet_id = packet_id_of(frame), .reason = {}, .properties = {}};
      return mqtt::encode(output, pubcomp, mqtt::ProtocolVersion::v3_1_1);
    }
    if (frame.type() != mqtt::PacketType::publish) return;
    const auto publish = mqtt::decode_publish(frame, mqtt::ProtocolVersion::v3_1_1, mqtt::Side::server);
    if (!publish) throw std::runtime_error("the broker sent a malformed PUBLISH");
    std::uint64_t number = 0;
    std::memcpy(&number, publish->payload.data(), sizeof number);
    if (number != subscriber.expected) {
      throw std::runtime_error("message " + std::to_string(number) + " instead of " +
                               std::to_string(subscriber.expected));
    }
    ++subscriber.expected;
    ++subscriber.publisher->received;
    ++received_;
    if (publish->qos == mqtt::QoS::at_least_once) {
      mqtt::encode(output, mqtt::Puback{publish->packet_id, {}, {}}, mqtt::ProtocolVersion::v3_1_1);
    } else if (publish->qos == mqtt::QoS::exactly_once) {
      mqtt::encode(output, mqtt::Pubrec{publish->packet_id, {}, {}}, mqtt::ProtocolVersion::v3_1_1);
    }
  }

  const LoadOptions options_;
  const int epoll_;
  std::string payload_;
  std::uint64_t each_ = 0;  ///< messages of one publisher
  Clock::time_point begin_;
  std::deque<Publisher> publishers_;
  std::deque<Subscriber> subscribers_;
  std::uint64_t received_ = 0;
};

Load::Load(const LoadOptions& options) : clients_(std::make_unique<Clients>(options)) {}
Load::~Load() = default;

void Load::connect() { clients_->connect(); }
double Load::run() { return clients_->run(); }
std::uint64_t Load::received() const { return clients_->received_; }

}  // namespace mqttzoo::bench
