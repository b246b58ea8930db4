// A load generator for one broker.
//
//   mqttzoo_load --host H --port P --publishers N --subscribers-each M --qos Q --messages T --bytes B --window W --rate
//   R
//
// T counts messages received, over all subscribers. Prints "ready" when all are subscribed, begins at a line on
// standard input, prints one line of JSON at the end, and stays until standard input ends.

#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/bench/load.hpp"

namespace {

using mqttzoo::bench::LoadOptions;

LoadOptions parse(int argc, char** argv) {
  LoadOptions options;
  std::map<std::string, std::size_t*> numbers = {
      {"--publishers", &options.publishers}, {"--subscribers-each", &options.subscribers_each},
      {"--messages", &options.messages},     {"--bytes", &options.bytes},
      {"--window", &options.window},         {"--rate", &options.rate}};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--host") {
      options.host = argv[i + 1];
    } else if (name == "--port") {
      options.port = static_cast<std::uint16_t>(std::stoul(argv[i + 1]));
    } else if (name == "--qos") {
      options.qos = static_cast<unsigned>(std::stoul(argv[i + 1]));
    } else if (const auto found = numbers.find(name); found != numbers.end()) {
      *found->second = std::stoul(argv[i + 1]);
    } else {
      throw std::runtime_error("unknown option " + name);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    mqttzoo::bench::Load load(parse(argc, argv));
    load.connect();
    std::cout << "ready" << std::endl;
    std::string line;
    std::getline(std::cin, line);
    const double seconds = load.run();
    std::cout << "{\"received\": " << load.received() << ", \"seconds\": " << seconds << "}" << std::endl;
    std::getline(std::cin, line);
  } catch (const std::exception& error) {
    std::cerr << "mqttzoo_load: " << error.what() << '\n';
    return 1;
  }
}
