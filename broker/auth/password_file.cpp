#include "broker/auth/password_file.hpp"

namespace mqttzoo::auth {

PasswordFile PasswordFile::parse(std::string_view text, const std::string& name) {
  PasswordFile file;
  for_each_line(text, name, [&](int, std::string_view line) {
    const std::string_view user_name = take_user_name(line);
    PasswordHash hash = PasswordHash::parse(line);
    if (hash.iterations() > file.nobodys_.iterations()) file.nobodys_ = hash;
    if (!file.users_.emplace(user_name, std::move(hash)).second) throw BadLine("the user stands in the file already");
  });
  return file;
}

bool PasswordFile::accepts(std::string_view user_name, std::string_view password) const {
  const auto found = users_.find(user_name);
  const bool exists = found != users_.end();
  const bool right = (exists ? found->second : nobodys_).is_of(password);
  return exists && right;
}

}  // namespace mqttzoo::auth
