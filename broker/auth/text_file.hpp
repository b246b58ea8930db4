#pragma once

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mqttzoo::auth {

/// What is wrong with a line; whoever knows file and number makes a FileError of it.
struct BadLine : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What stops a start: one line that names the file, the line where there is one, and the reason. Never holds a
/// password or a hash.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws FileError when the file cannot be read or is larger than `file_bytes_max`.
std::string read_auth_file(const std::string& path);

/// Calls `visit(number, line)` for each line that is neither empty nor a comment ('#'), without spaces at its ends. The
/// lines are UTF-8. `name` stands in errors. Throws FileError for what is not text, and for each BadLine of `visit`.
void for_each_line(std::string_view text, const std::string& name,
                   const std::function<void(int number, std::string_view line)>& visit);

/// Without spaces and tabs at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace mqttzoo::auth
