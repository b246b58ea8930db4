#include "zk/client_log.hpp"

#include <array>
#include <mutex>
#include <utility>

namespace mqttzoo::zk {
namespace {

constexpr std::size_t slots_max = 32;

struct Slot {
  std::mutex mutex;
  ClientLog::Sink sink;
};

// Never destroyed: a session that is still closing while the process ends may log.
std::array<Slot, slots_max>& slots() {
  static auto& all = *new std::array<Slot, slots_max>;
  return all;
}

/// "2025-11-21 11:42:00,123:77(0x7f00):ZOO_ERROR@check_events@3017: text" -> error, "text".
void hand_over(Slot& slot, std::string_view line) {
  const std::lock_guard lock(slot.mutex);
  if (!slot.sink) return;
  const auto level = line.find(":ZOO_");
  const bool is_error = line.substr(level == std::string_view::npos ? 0 : level).starts_with(":ZOO_ERROR");
  if (level != std::string_view::npos) {
    const auto text = line.find(": ", level);
    if (text != std::string_view::npos) line.remove_prefix(text + 2);
  }
  while (line.ends_with('\n')) line.remove_suffix(1);
  slot.sink(is_error, line);
}

template <std::size_t index>
void c_function_of(const char* line) {
  hand_over(slots()[index], line);
}

void discard(const char*) {}

template <std::size_t... index>
constexpr auto make_functions(std::index_sequence<index...>) {
  return std::array<ClientLog::CFunction, sizeof...(index) + 1>{c_function_of<index>..., discard};
}

constexpr auto functions = make_functions(std::make_index_sequence<slots_max>{});

}  // namespace

ClientLog::ClientLog(Sink sink) : slot_(0) {
  for (; slot_ < slots_max; ++slot_) {
    Slot& slot = slots()[slot_];
    const std::lock_guard lock(slot.mutex);
    if (slot.sink) continue;
    slot.sink = std::move(sink);
    return;
  }
}

ClientLog::~ClientLog() {
  if (slot_ == slots_max) return;
  Slot& slot = slots()[slot_];
  const std::lock_guard lock(slot.mutex);
  slot.sink = nullptr;
}

ClientLog::CFunction ClientLog::c_function() const { return functions[slot_]; }

std::string failure_in(std::string_view message) {
  // "Socket 127.0.0.1:2181 zk retcode=-4, errno=111(Connection refused): server refused to accept the client"
  constexpr std::string_view socket = "Socket ";
  if (!message.starts_with(socket)) return std::string(message);
  const auto server = message.substr(socket.size(), message.find(' ', socket.size()) - socket.size());
  const auto open = message.find("errno=");
  const auto reason = message.find('(', open);
  const auto close = message.find("): ", reason);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::string(message);
  const auto error = message.substr(reason + 1, close - reason - 1);
  // Its way to say that a read returned nothing: a server without a quorum hangs up on every client.
  const auto words = error == "Host is down" ? std::string_view("hung up") : error;
  return std::string(server) + ": " + std::string(words);
}

}  // namespace mqttzoo::zk
