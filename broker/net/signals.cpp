#include "broker/net/signals.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "broker/net/event_loop.hpp"

namespace mqttzoo::net {

struct Signals::State {
  State(EventLoop& loop, std::function<void()> stop, std::function<void()> hangup)
      : signals(loop.context(), SIGTERM, SIGINT, SIGHUP), on_stop(std::move(stop)), on_hangup(std::move(hangup)) {}

  void wait() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      signal == SIGHUP ? on_hangup() : on_stop();
      wait();
    });
  }

  boost::asio::signal_set signals;
  const std::function<void()> on_stop;
  const std::function<void()> on_hangup;
};

Signals::Signals(EventLoop& loop, std::function<void()> on_stop, std::function<void()> on_hangup)
    : state_(std::make_unique<State>(loop, std::move(on_stop), std::move(on_hangup))) {
  std::signal(SIGPIPE, SIG_IGN);
  state_->wait();
}

Signals::~Signals() = default;

}  // namespace mqttzoo::net
