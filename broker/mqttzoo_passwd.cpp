// Writes the lines of password files and SCRAM files.

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"
#include "broker/auth/limits.hpp"
#include "broker/auth/password_file.hpp"
#include "broker/auth/scram_file.hpp"
#include "broker/auth/user_lines.hpp"

namespace mqttzoo {
namespace {

struct Task {
  std::string file;
  std::string user;
  std::string password;
  std::uint32_t iterations = 0;  ///< 0: the default of the kind of file
  bool create = false;
  bool batch = false;
  bool remove = false;
  bool scram = false;
};

constexpr const char* description =
    "Writes users of mqttzoo into a file: for its password_file (as mosquitto_passwd does), or with --scram for its\n"
    "scram_file. The password is asked for twice on a terminal; otherwise the first line of standard input is taken.\n"
    "A running broker reads its files again only when it is started again.\n";

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (::getrandom(bytes.data(), size, 0) != static_cast<ssize_t>(size)) throw std::runtime_error("no random numbers");
  return bytes;
}

/// Switches the echo of the terminal off while it lives.
class Silence {
 public:
  Silence() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

std::string read_line(const char* prompt) {
  if (prompt) std::cerr << prompt << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) throw std::runtime_error("no password was given");
  if (prompt) std::cerr << '\n';
  return line;
}

std::string ask_password() {
  if (::isatty(STDIN_FILENO) == 0) return read_line(nullptr);
  const Silence silence;
  std::string password = read_line("Password: ");
  if (read_line("The same again: ") != password) throw std::runtime_error("the two passwords differ");
  return password;
}

/// Whole or not at all, with the owner and the mode that the file had; a new one is for its owner alone.
void write_file(const std::string& path, const std::string& text) {
  const std::string next = path + ".new";
  const auto fail = [&](const char* what) {
    const std::string why = std::strerror(errno);
    ::unlink(next.c_str());
    throw std::runtime_error(path + ": " + what + ": " + why);
  };
  ::unlink(next.c_str());
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail("cannot be written");
  struct stat old {};
  const bool existed = ::stat(path.c_str(), &old) == 0;
  const bool as_before = !existed || (::fchmod(file, old.st_mode & 07777) == 0 &&
                                      (old.st_uid == ::geteuid() || ::fchown(file, old.st_uid, old.st_gid) == 0));
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!as_before) fail("its owner cannot be kept");
  if (!written || ::rename(next.c_str(), path.c_str()) != 0) fail("cannot be written");
}

std::string changed(std::string text, const Task& task) {
  if (task.scram && !auth::has_user(text, auth::scram_secret_name)) {
    text = auth::with_user(text, auth::scram_secret_name, auth::to_base64(random_bytes(32)));
  }
  if (task.remove) {
    if (!auth::has_user(text, task.user)) throw std::runtime_error(task.file + ": there is no user " + task.user);
    return auth::without_user(text, task.user);
  }
  std::string password = task.batch ? task.password : ask_password();
  if (password.empty()) throw std::runtime_error("the password is empty");
  std::string known;
  if (task.scram) {
    const std::uint32_t iterations = task.iterations != 0 ? task.iterations : auth::scram_iterations_default;
    known = auth::ScramCredential::make(password, random_bytes(auth::scram_salt_bytes), iterations).to_text();
  } else {
    const std::uint32_t iterations = task.iterations != 0 ? task.iterations : auth::password_iterations_default;
    known = auth::PasswordHash::make(password, random_bytes(auth::password_salt_bytes), iterations).to_text();
  }
  auth::wipe(password);
  return auth::with_user(text, task.user, known);
}

/// Throws if the broker would not start with the text.
void check(const std::string& text, const Task& task) {
  if (task.scram) {
    (void)auth::ScramFile::parse(text, task.file);
  } else {
    (void)auth::PasswordFile::parse(text, task.file);
  }
}

void run(const Task& task) {
  auth::check_user_name(task.user);
  if (task.user == auth::scram_secret_name) throw std::runtime_error("this name is not for users");
  std::string text;
  if (!task.create) {
    text = auth::read_auth_file(task.file);
    if (!task.scram || auth::has_user(text, auth::scram_secret_name)) check(text, task);
  }
  text = changed(std::move(text), task);
  check(text, task);
  write_file(task.file, text);
}

void declare(CLI::App& app, Task& task) {
  app.set_version_flag("--version", "mqttzoo_passwd " MQTTZOO_VERSION);
  app.add_option("FILE", task.file, "The file with the users")->required();
  app.add_option("USER", task.user, "The user to add, to change or to delete")->required();
  auto* const password = app.add_option("PASSWORD", task.password, "With -b: the password, for all to see in ps");
  auto* const create = app.add_flag("-c,--create", task.create, "Begin a new file; what stood in it is lost");
  auto* const batch = app.add_flag("-b,--batch", task.batch, "Take the password from the command line");
  auto* const remove = app.add_flag("-D,--delete", task.remove, "Delete the user");
  app.add_flag("--scram", task.scram, "Write for SCRAM-SHA-256 (scram_file)");
  app.add_option("--iterations", task.iterations,
                 "Rounds of hashing: more of them make guessing a stolen file slower, and each login (10000; with "
                 "--scram, where the client has the work, 4096)")
      ->check(CLI::Range(1u, auth::iterations_max));
  password->needs(batch);
  batch->needs(password);
  remove->excludes(create)->excludes(batch);
}

}  // namespace
}  // namespace mqttzoo

int main(int argc, char** argv) {
  mqttzoo::Task task;
  CLI::App app(mqttzoo::description, "mqttzoo_passwd");
  mqttzoo::declare(app, task);
  CLI11_PARSE(app, argc, argv);
  try {
    mqttzoo::run(task);
  } catch (const std::exception& error) {
    std::cerr << "mqttzoo_passwd: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
