// mqtt_sub: prints what arrives on some topics.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <random>

#include "broker/common/backoff.hpp"
#include "client/connection.hpp"
#include "client/options.hpp"
#include "client/tool_events.hpp"

namespace mqttzoo::client {

namespace {

class Subscriber : public ToolEvents {
 public:
  Subscriber(boost::asio::io_context& context, const SubOptions& options)
      : ToolEvents("mqtt_sub", options),
        options_(options),
        context_(context),
        signals_(context, SIGINT, SIGTERM),
        timeout_(context),
        again_(context) {}

  void start() {
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) finish();
    });
    if (options_.timeout_seconds != 0) {
      timeout_.expires_after(std::chrono::seconds(options_.timeout_seconds));
      timeout_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        timed_out_ = true;
        finish();
      });
    }
    open();
  }

  int result() const { return exit_code() == exit_ok && timed_out_ ? static_cast<int>(exit_timeout) : exit_code(); }

  void connected(const mqtt::Connack& connack) override {
    if (!accepted(connack)) {
      refused_ = true;
      return;
    }
    backoff_.reset();
    was_connected_ = true;
    protocol_->subscribe(options_.topics, options_.qos);
  }

  void subscribed(const mqtt::ReasonCodeList& reasons) override {
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      if (!mqtt::is_error(reasons[i])) continue;
      complain(exit_refused, "the broker refused '" + options_.topics[i] + "': " + mqtt::to_string(reasons[i]));
      refused_ = true;
    }
    if (refused_) finish();
  }

  void message(const mqtt::Publish& publish) override {
    if (ending_) return;
    if (options_.verbose) std::cout << publish.topic << ' ';
    std::cout << publish.payload << '\n' << std::flush;
    if (options_.count != 0 && ++received_ == options_.count) finish();
  }

  void unsubscribed() override {
    protocol_->disconnect(mqtt::ReasonCode::normal_disconnection);
    connection_->close();
  }

  void ended(mqtt::ReasonCode reason, std::string_view detail) override {
    // A broker that stops or is overloaded is no reason to give up: another one takes over.
    if (reason == mqtt::ReasonCode::server_shutting_down || reason == mqtt::ReasonCode::server_busy) return;
    refused_ = true;
    ToolEvents::ended(reason, detail);
  }

 private:
  void open() {
    connection_.reset();
    protocol_.emplace(options_.connect, *this);
    connection_.emplace(context_, *protocol_, [this](std::string why) { closed(std::move(why)); });
    connection_->open(options_.host, options_.port);
  }

  /// Unsubscribes and disconnects, as a guest who says good-bye; a second signal, or a broker that does not answer for
  /// a second, ends it at once.
  void finish() {
    if (std::exchange(ending_, true)) return;
    if (!protocol_->is_connected()) return stop_waiting(), connection_->close();
    protocol_->unsubscribe(options_.topics);
    connection_->flush();
    again_.expires_after(std::chrono::seconds(1));
    again_.async_wait([this](boost::system::error_code error) {
      if (!error) connection_->close();
    });
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) connection_->close();
    });
  }

  void closed(std::string why) {
    if (!ending_ && !refused_ && was_connected_) return reconnect(why);
    if (!ending_ && !refused_) complain(exit_failed, why);
    stop_waiting();
  }

  void stop_waiting() {
    signals_.cancel();
    timeout_.cancel();
    again_.cancel();
  }

  void reconnect(const std::string& why) {
    const std::string cause = why.empty() ? "connection closed by " + options_.address() : why;
    std::cerr << "mqtt_sub: " << cause << "; connecting again\n";
    again_.expires_after(std::chrono::milliseconds(100 + backoff_.next_delay_ms(random_)));
    again_.async_wait([this](boost::system::error_code error) {
      if (!error && !ending_) open();
    });
  }

  const SubOptions& options_;
  boost::asio::io_context& context_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timeout_;
  boost::asio::steady_timer again_;
  std::optional<ClientProtocol> protocol_;
  std::optional<Connection> connection_;
  Backoff backoff_{{.first_ms = 250, .longest_ms = 5'000}};
  std::mt19937_64 random_{std::random_device{}()};
  std::uint64_t received_ = 0;
  bool was_connected_ = false;
  bool refused_ = false;
  bool ending_ = false;
  bool timed_out_ = false;
};

}  // namespace

}  // namespace mqttzoo::client

int main(int argc, char** argv) {
  using namespace mqttzoo::client;
  try {
    SubOptions options;
    if (const auto code = parse(argc, argv, options)) return *code;
    boost::asio::io_context context{1};
    Subscriber subscriber(context, options);
    subscriber.start();
    context.run();
    return subscriber.result();
  } catch (const std::exception& error) {
    std::cerr << "mqtt_sub: " << error.what() << '\n';
    return exit_failed;
  }
}
