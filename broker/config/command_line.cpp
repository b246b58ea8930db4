// The only user of CLI11: it takes long to compile.
#include "broker/config/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <utility>

#include "broker/config/help.hpp"
#include "broker/config/keys.hpp"
#include "broker/config/sources.hpp"

namespace mqttzoo::config {

namespace {

struct Parsed {
  Sources sources;
  std::string file;
  bool test_config = false;
  bool help = false;
  bool version = false;
};

void declare(CLI::App& app, Parsed& parsed) {
  app.set_help_flag();
  app.add_flag("-h,--help", parsed.help);
  app.add_flag("--version", parsed.version);
  app.add_flag("--test-config", parsed.test_config);
  app.add_flag("-v,--verbose", parsed.sources.verbose);
  app.add_option("-c,--config-file", parsed.file);
  app.add_option("-p,--port", parsed.sources.loopback_ports)
      ->check(CLI::Range(1, 65535))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  for (const KeyGroup& group : key_groups()) {
    for (const Key& key : group.keys) {
      if (key.only_in_file()) continue;
      app.add_option_function<std::string>(option_name(key),
                                           [&parsed, name = std::string(key.name)](const auto& value) {
                                             parsed.sources.options.emplace_back(name, value);
                                           });
    }
  }
}

EndNow usage_error(const std::string& reason) {
  return {exit_code_usage, "mqttzoo: " + reason + "\nTry 'mqttzoo --help'.\n"};
}

}  // namespace

std::variant<Settings, EndNow> read_command_line(int argc, const char* const* argv,
                                                 const std::function<const char*(const std::string&)>& environment) {
  CLI::App app;
  Parsed parsed;
  declare(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  }
  if (parsed.help) return EndNow{0, help_page()};
  if (parsed.version) return EndNow{0, "mqttzoo " MQTTZOO_VERSION "\n"};

  parsed.sources.environment = environment;
  if (!parsed.file.empty()) parsed.sources.lines = read_conf_file(parsed.file);
  Settings settings = settings_from(parsed.sources);
  if (parsed.test_config) return EndNow{0, "The configuration is good.\n", std::move(settings)};
  return settings;
}

}  // namespace mqttzoo::config
