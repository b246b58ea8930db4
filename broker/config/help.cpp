#include "broker/config/help.hpp"

#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

constexpr std::size_t column = 26;
constexpr std::size_t width = 100;

// One entry: `left` in its column, `text` beside it or below, broken at spaces.
void entry(std::string& page, const std::string& left, std::string_view text) {
  std::string line = "  " + left;
  if (line.size() + 2 > column) {
    page += line + '\n';
    line.clear();
  }
  line.resize(column, ' ');
  while (!text.empty()) {
    const auto end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    if (line.size() > column && line.size() + 1 + word.size() > width) {
      page += line + '\n';
      line.assign(column, ' ');
    }
    if (line.size() > column) line += ' ';
    line += word;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  page += line + '\n';
}

void entry_of_key(std::string& page, const std::string& left, const Key& key) {
  entry(page, left, std::string(key.help) + " Default: " + std::string(key.default_text) + '.');
}

void file_entries(std::string& page, bool (*is_meant)(const Key&)) {
  for (const KeyGroup& group : key_groups()) {
    for (const Key& key : group.keys) {
      if (is_meant(key)) entry_of_key(page, std::string(key.name) + ' ' + std::string(key.value), key);
    }
  }
}

}  // namespace

std::string help_page() {
  std::string page =
      "mqttzoo - an MQTT broker (3.1, 3.1.1, 5.0) that forms clusters through ZooKeeper\n"
      "\n"
      "Usage: mqttzoo [-p PORT] [-c FILE] [-v] [OPTION VALUE]...\n"
      "\n"
      "Examples\n"
      "  mqttzoo                         a broker for this machine on port 1883; try it with\n"
      "                                    mosquitto_sub -t 'hello/#' -v\n"
      "                                    mosquitto_pub -t hello/world -m hi\n"
      "  mqttzoo -p 1884 -v              another port, more to read\n"
      "  mqttzoo -c mosquitto.conf       with a file, e.g. one that says:\n"
      "                                    listener 1883\n"
      "                                    allow_anonymous true\n"
      "  mqttzoo -c mosquitto.conf --zookeeper zk1:2181,zk2:2181,zk3:2181\n"
      "                                  one of several brokers: clients may use any of them\n"
      "\n"
      "Options\n";
  entry(page, "-p, --port PORT", "Listen on this port of loopback; may be given several times.");
  entry(page, "-c, --config-file FILE", "Read FILE, in the syntax of mosquitto.conf.");
  entry(page, "-v, --verbose", "The same as --log-level debug.");
  entry(page, "--test-config", "Check options, environment and file, and end.");
  entry(page, "-h, --help", "Print this page.");
  entry(page, "--version", "Print the version.");
  for (const KeyGroup& group : key_groups()) {
    page += '\n' + std::string(group.title) + '\n';
    for (const Key& key : group.keys) {
      if (!key.only_in_file()) entry_of_key(page, option_name(key) + ' ' + std::string(key.value), key);
    }
  }
  page +=
      "\n"
      "In the file\n"
      "  Each option with a default is also a key of the file (--broker-name NAME: a line \"broker_name NAME\") and "
      "an\n"
      "  environment variable (MQTTZOO_BROKER_NAME). An option wins over the environment, that over the file.\n"
      "  Only in the file:\n";
  file_entries(page, [](const Key& key) { return key.only_in_file() && !key.of_listener(); });
  page += "  Only in the file, behind the listener that it is for:\n";
  file_entries(page, [](const Key& key) { return key.of_listener(); });
  page +=
      "\n"
      "Signals and exit codes\n"
      "  SIGTERM, SIGINT         Stop: tell clients and other brokers, then exit 0; a second one exits at once.\n"
      "  0                       stopped by a signal     1   could not start, or go on     2   wrong usage\n";
  return page;
}

}  // namespace mqttzoo::config
