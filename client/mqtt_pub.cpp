// mqtt_pub: publishes lines, a text or a file to one topic.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "client/connection.hpp"
#include "client/input_lines.hpp"
#include "client/options.hpp"
#include "client/tool_events.hpp"

namespace mqttzoo::client {

namespace {

class Publisher : public ToolEvents {
 public:
  Publisher(boost::asio::io_context& context, const PubOptions& options)
      : ToolEvents("mqtt_pub", options),
        options_(options),
        signals_(context, SIGINT, SIGTERM),
        input_(context),
        protocol_(options.connect, *this),
        connection_(context, protocol_, [this](std::string why) { closed(std::move(why)); }) {}

  void start() {
    using Source = PubOptions::Source;
    if (options_.source == Source::file) single_ = read_whole(options_.text);
    if (options_.source == Source::whole_input) single_ = read_whole("-");
    if (options_.source == Source::text) single_ = options_.text;
    if (options_.source == Source::nothing) single_ = "";
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) finish();
    });
    connection_.open(options_.host, options_.port);
  }

  void connected(const mqtt::Connack& connack) override {
    if (accepted(connack)) pump();
  }

  void published(std::uint16_t, mqtt::ReasonCode reason) override {
    if (mqtt::is_error(reason))
      complain(exit_refused, std::string("the broker refused a message: ") + mqtt::to_string(reason));
    pump();
  }

 private:
  /// The most that waits in this process when the broker is slower than the input.
  static constexpr std::size_t unsent_bytes_max = 1u << 20;

  void pump() {
    while (!waiting_ && !source_ended_ && protocol_.is_connected()) {
      if (options_.qos != mqtt::QoS::at_most_once && protocol_.send_window() == 0) break;
      if (connection_.unsent_bytes() > unsent_bytes_max) {
        waiting_ = true;
        connection_.flush([this] { waiting_ = false, pump(); });
        return;
      }
      next_message();
    }
    connection_.flush();
    if (source_ended_ && protocol_.unacknowledged() == 0) finish();
  }

  void next_message() {
    if (single_) {
      send(*single_);
      source_ended_ = true;
      return;
    }
    // The line may be there already: then the loop of pump() goes on, and must not be entered again from here.
    waiting_ = true;
    asking_ = true;
    input_.next([this](std::optional<std::string> line) {
      waiting_ = false;
      if (!line || (line->empty() && options_.source == PubOptions::Source::lines_until_empty)) {
        source_ended_ = true;
      } else {
        send(*line);
      }
      if (!asking_) pump();
    });
    asking_ = false;
  }

  void send(std::string payload) {
    try {
      protocol_.publish({.topic = options_.topics.front(),
                         .payload = std::move(payload),
                         .qos = options_.qos,
                         .retain = options_.retain,
                         .expiry_seconds = options_.ttl_seconds});
    } catch (const std::exception& error) {
      complain(exit_refused, error.what());
      source_ended_ = true;
    }
  }

  void finish() {
    if (std::exchange(finished_, true)) return;
    source_ended_ = true;
    if (protocol_.is_connected()) protocol_.disconnect(mqtt::ReasonCode::normal_disconnection);
    connection_.close();
  }

  void closed(std::string why) {
    if (!finished_ && exit_code() == exit_ok) complain(exit_failed, why);
    input_.stop();
    signals_.cancel();
  }

  const PubOptions& options_;
  boost::asio::signal_set signals_;
  InputLines input_;
  ClientProtocol protocol_;
  Connection connection_;
  std::optional<std::string> single_;
  bool waiting_ = false;  ///< for a line, or for the socket
  bool asking_ = false;
  bool source_ended_ = false;
  bool finished_ = false;
};

}  // namespace

}  // namespace mqttzoo::client

int main(int argc, char** argv) {
  using namespace mqttzoo::client;
  try {
    PubOptions options;
    if (const auto code = parse(argc, argv, options)) return *code;
    boost::asio::io_context context{1};
    Publisher publisher(context, options);
    publisher.start();
    context.run();
    return publisher.exit_code();
  } catch (const std::exception& error) {
    std::cerr << "mqtt_pub: " << error.what() << '\n';
    return exit_failed;
  }
}
