#pragma once

#include <functional>
#include <memory>

namespace mqttzoo::net {

class EventLoop;

/// Signals to the process, brought to the thread of a loop. One at a time in a process.
class Signals {
 public:
  /// `on_stop`: SIGTERM and SIGINT, each time. `on_hangup`: SIGHUP. SIGPIPE is ignored.
  Signals(EventLoop& loop, std::function<void()> on_stop, std::function<void()> on_hangup);
  ~Signals();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mqttzoo::net
