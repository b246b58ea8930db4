#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace mqttzoo::zk {

/// What the C client writes to its log, per session. Its log callback carries no context, so there is a fixed number of
/// callbacks, and each live session has one to itself; a session that finds none left logs nothing.
class ClientLog {
 public:
  /// On the C client's threads, one call at a time. `message` is without time stamp, level and source line.
  using Sink = std::function<void(bool is_error, std::string_view message)>;
  using CFunction = void (*)(const char*);

  explicit ClientLog(Sink sink);
  /// Waits for a call of the sink under way.
  ~ClientLog();
  ClientLog(const ClientLog&) = delete;
  ClientLog& operator=(const ClientLog&) = delete;

  CFunction c_function() const;

 private:
  std::size_t slot_;
};

/// The failure in one of the C client's messages in words for an operator, e.g. "127.0.0.1:2181: Connection refused";
/// the message itself where it has another shape.
std::string failure_in(std::string_view message);

}  // namespace mqttzoo::zk
