#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <variant>

#include "broker/config/command_line.hpp"
#include "broker/config/error.hpp"
#include "broker/node/node.hpp"
#include "broker/node/node_access.hpp"
#include "broker/node/node_settings.hpp"
#include "broker/ops/log.hpp"

namespace {

constexpr int exit_code_failed = 1;

int run(const mqttzoo::config::Settings& settings) {
  mqttzoo::ops::start_log(mqttzoo::log_options_of(settings.log));
  int code = exit_code_failed;
  try {
    code = mqttzoo::Node(settings).run();
  } catch (const std::exception& error) {
    mqttzoo::ops::log(mqttzoo::ops::Level::error, error.what());
  }
  if (!mqttzoo::ops::stop_log()) std::_Exit(code);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto told = mqttzoo::config::read_command_line(
        argc, argv, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (const auto* settings = std::get_if<mqttzoo::config::Settings>(&told)) return run(*settings);
    const auto& end = std::get<mqttzoo::config::EndNow>(told);
    if (end.tested) mqttzoo::check_access_files(*end.tested);
    std::fputs(end.text.c_str(), end.exit_code == 0 ? stdout : stderr);
    return end.exit_code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mqttzoo: %s\n", error.what());
    return exit_code_failed;
  }
}
