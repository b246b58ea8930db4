#include "broker/node/node_process.hpp"

#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo {

namespace {

class SystemRandom final : public core::RandomSource {
 public:
  std::uint64_t next() override {
    if (used_ == numbers_.size()) {
      const auto wanted = static_cast<ssize_t>(sizeof numbers_);
      ensure(::getrandom(numbers_.data(), sizeof numbers_, 0) == wanted, "the kernel gives 256 random bytes at once");
      used_ = 0;
    }
    return numbers_[used_++];
  }

 private:
  std::array<std::uint64_t, 32> numbers_{};
  std::size_t used_ = numbers_.size();
};

}  // namespace

std::size_t raise_open_files_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

PidFile::PidFile(std::string path) : path_(std::move(path)) {
  std::FILE* const file = std::fopen(path_.c_str(), "w");
  const bool written = file && std::fprintf(file, "%d\n", static_cast<int>(::getpid())) > 0;
  const int error = errno;
  if (file && std::fclose(file) == 0 && written) return;
  throw std::runtime_error("pid_file " + path_ + " cannot be written: " + std::strerror(error));
}

PidFile::~PidFile() { ::unlink(path_.c_str()); }

bool become_user(const std::string& name) {
  if (::geteuid() != 0) return false;
  const passwd* const user = ::getpwnam(name.c_str());
  if (!user) throw std::runtime_error("user: there is no user " + name);
  if (::initgroups(name.c_str(), user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) {
    throw std::runtime_error("user: cannot become " + name + ": " + std::strerror(errno));
  }
  return true;
}

unsigned usable_cores() {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

std::unique_ptr<core::RandomSource> system_random() { return std::make_unique<SystemRandom>(); }

std::string random_id() {
  constexpr char hex[] = "0123456789abcdef";
  SystemRandom random;
  std::string id;
  for (int half = 0; half < 2; ++half) {
    std::uint64_t bits = random.next();
    for (int digit = 0; digit < 16; ++digit, bits >>= 4) id += hex[bits & 15];
  }
  return id;
}

void yield_to_others() {
  constexpr int niceness = 5;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);  // Linux: of this thread alone
}

void name_thread(const std::string& name) { ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str()); }

}  // namespace mqttzoo
