#include "tests/support/zookeeper_servers.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace mqttzoo::support {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto start_patience = std::chrono::seconds(60);

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// Below the range that the kernel takes ports of outgoing connections from, so that none of those gets in the way
/// while a server is down.
std::uint16_t free_port() {
  static std::mt19937 random(std::random_device{}());
  for (int attempt = 0; attempt < 1'000; ++attempt) {
    const auto port = std::uniform_int_distribution<std::uint16_t>(20'000, 32'000)(random);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    const bool is_free = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(socket);
    if (is_free) return port;
  }
  throw std::runtime_error("no free port on loopback");
}

/// Leaves its status to be waited for.
bool has_exited(pid_t process) {
  siginfo_t state{};
  return waitid(P_PID, static_cast<id_t>(process), &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid == process;
}

[[noreturn]] void run_server(char* const* arguments, int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(127);
}

}  // namespace

ZooKeeperServers::ZooKeeperServers(Options options) : options_(options) {
  auto pattern = (std::filesystem::temp_directory_path() / "mqttzoo-zookeeper-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot create " + pattern);
  directory_ = pattern;
  servers_.resize(static_cast<std::size_t>(options.count));
  for (auto& server : servers_) {
    server.client_port = free_port();
    server.quorum_port = free_port();
    server.election_port = free_port();
  }
  for (int server = 0; server < options.count; ++server) {
    std::filesystem::create_directories(directory(server));
    write_configuration(server);
    start(server);
  }
  try {
    wait_until_all_serve();
  } catch (...) {
    for (int server = 0; server < options.count; ++server) kill(server);
    std::filesystem::remove_all(directory_);
    throw;
  }
}

ZooKeeperServers::~ZooKeeperServers() {
  for (int server = 0; server < options_.count; ++server) kill(server);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string ZooKeeperServers::connect_string() const {
  std::string text;
  for (const auto& server : servers_)
    text += (text.empty() ? "" : ",") + ("127.0.0.1:" + std::to_string(server.client_port));
  return text;
}

void ZooKeeperServers::write_configuration(int index) const {
  const auto& server = servers_[static_cast<std::size_t>(index)];
  std::ofstream file(directory(index) / "zoo.cfg");
  file << "tickTime=" << options_.tick_ms << "\ninitLimit=20\nsyncLimit=4\n"
       << "dataDir=" << directory(index).string() << "\nclientPortAddress=127.0.0.1\nclientPort=" << server.client_port
       << "\nadmin.enableServer=false\nextendedTypesEnabled=true\n4lw.commands.whitelist=*\nmaxClientCnxns=0\n";
  if (servers_.size() == 1) return;
  for (std::size_t other = 0; other < servers_.size(); ++other)
    file << "server." << other + 1 << "=127.0.0.1:" << servers_[other].quorum_port << ':'
         << servers_[other].election_port << '\n';
  std::ofstream(directory(index) / "myid") << index + 1 << '\n';
}

void ZooKeeperServers::start(int index) {
  const auto configuration = (directory(index) / "zoo.cfg").string();
  std::vector<std::string> words{"java", "-Xmx512m", "-XX:+UseSerialGC", "-Xshare:auto"};
  if (!options_.optimised) words.emplace_back("-XX:TieredStopAtLevel=1");
  words.emplace_back(options_.durable ? "-Dzookeeper.forceSync=yes" : "-Dzookeeper.forceSync=no");
  words.emplace_back("-Dzookeeper.preAllocSize=4096");
  // A server that looks for a leader asks less and less often, up to once a minute; no test waits for that.
  words.emplace_back("-Dzookeeper.fastleader.maxNotificationInterval=1000");
  words.insert(words.end(), {"-cp", "/etc/zookeeper/conf_example:/usr/share/java/zookeeper.jar",
                             "org.apache.zookeeper.server.quorum.QuorumPeerMain", configuration});
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int output = ::open((directory(index) / "output").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) run_server(arguments.data(), output, parent);
  ::close(output);
  if (child < 0) throw std::runtime_error("cannot start a process");
  servers_[static_cast<std::size_t>(index)].process = child;
}

void ZooKeeperServers::kill(int index) {
  auto& process = servers_.at(static_cast<std::size_t>(index)).process;
  if (process < 0) return;
  ::kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
  process = -1;
}

void ZooKeeperServers::freeze(int index) { ::kill(process(index), SIGSTOP); }
void ZooKeeperServers::thaw(int index) { ::kill(process(index), SIGCONT); }

bool ZooKeeperServers::serves(int server) const {
  const auto answer = ask(server, "srvr");
  return answer.find("Mode: ") != std::string::npos;
}

std::optional<int> ZooKeeperServers::leader() const {
  for (int server = 0; server < options_.count; ++server)
    if (ask(server, "srvr").find("Mode: leader") != std::string::npos) return server;
  return std::nullopt;
}

void ZooKeeperServers::wait_until_all_serve() const {
  const auto deadline = Clock::now() + start_patience;
  for (int server = 0; server < options_.count; ++server) {
    while (!serves(server)) {
      if (has_exited(process(server)) || Clock::now() > deadline) {
        std::stringstream output;
        output << std::ifstream(directory(server) / "output").rdbuf();
        throw std::runtime_error("ZooKeeper server " + std::to_string(server) +
                                 " does not serve (are the packages "
                                 "zookeeper and default-jre-headless installed?): " +
                                 output.str());
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
  }
}

std::string ZooKeeperServers::ask(int server, const std::string& word) const {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port(server));
  std::string answer;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::send(socket, word.data(), word.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(word.size())) {
    char buffer[4096];
    pollfd readable{socket, POLLIN, 0};
    // A frozen server takes the connection and never answers.
    while (poll(&readable, 1, 1'000) == 1) {
      const auto count = ::recv(socket, buffer, sizeof(buffer), 0);
      if (count <= 0) break;
      answer.append(buffer, static_cast<std::size_t>(count));
    }
  }
  ::close(socket);
  return answer;
}

}  // namespace mqttzoo::support
