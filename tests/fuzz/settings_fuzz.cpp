#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/config/conf_file.hpp"
#include "broker/config/error.hpp"
#include "broker/config/keys.hpp"
#include "broker/config/sources.hpp"

/// A configuration file from anywhere. The first byte chooses how its lines come: as one file, as two whose lines
/// alternate, or as options and variables. What is accepted must be something that a broker can start with.
namespace mqttzoo::config {
namespace {

void check(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_settings(const Settings& settings) {
  check(!settings.listeners.empty(), "a broker that listens nowhere");
  for (const ListenerSettings& listener : settings.listeners) {
    check(listener.endpoint.port != 0, "a listener without a port");
    check(!listener.loopback || listener.endpoint.host.empty(), "loopback has two addresses of its own");
    check(!listener.connections_max || *listener.connections_max > 0, "a listener for nobody");
  }
  check(settings.threads <= threads_max, "too many threads");
  check(settings.limits.packet_bytes_max >= 20 && settings.limits.packet_bytes_max <= 268'435'460, "packets");
  check(settings.limits.receive_maximum != 0 && settings.limits.topic_levels_max != 0, "a limit of zero");
  check(settings.zookeeper.empty() != settings.cluster_listener.has_value(), "a cluster without a port");
}

Sources alternating(std::vector<ConfLine> lines) {
  Sources sources;
  for (std::size_t place = 0; place < lines.size(); place += 2) lines[place].file = "other";
  sources.lines = std::move(lines);
  return sources;
}

Sources as_options(const std::vector<ConfLine>& lines) {
  Sources sources;
  auto variables = std::make_shared<std::map<std::string, std::string>>();
  for (const ConfLine& line : lines) {
    const Key* const key = find_key(line.key);
    if (!key || key->only_in_file()) continue;
    if (line.number % 2 == 0) {
      sources.options.emplace_back(line.key, line.value);
    } else {
      (*variables)[environment_name(*key)] = line.value;
    }
  }
  sources.environment = [variables](const std::string& name) {
    const auto found = variables->find(name);
    return found == variables->end() ? nullptr : found->second.c_str();
  };
  return sources;
}

void run(std::string_view input) {
  if (input.empty()) return;
  const int choice = input.front() % 3;
  input.remove_prefix(1);
  try {
    std::vector<ConfLine> lines = parse_conf(input, "file");
    Sources sources;
    if (choice == 0) {
      sources.lines = std::move(lines);
    } else {
      sources = choice == 1 ? alternating(std::move(lines)) : as_options(lines);
    }
    const Settings settings = settings_from(sources);
    check_settings(settings);
    check(settings == settings_from(sources), "the same lines give other settings");
  } catch (const ConfigError& error) {
    check(error.what()[0] != '\0', "a refusal without a reason");
  }
}

}  // namespace
}  // namespace mqttzoo::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mqttzoo::config::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
