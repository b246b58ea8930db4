#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mqttzoo::core {

/// Who published a retained message, as read from the text that is kept with it: the Client Identifier, and behind a
/// zero byte, which no MQTT string can have, the User Name, where the client had one. Points into that text.
struct MessageSource {
  explicit MessageSource(std::string_view text) : client_id(text.substr(0, text.find('\0'))) {
    if (client_id.size() != text.size()) user_name = text.substr(client_id.size() + 1);
  }
  /// `user_name` is null for a client that had none.
  static std::string text_of(std::string_view client_id, const std::string* user_name) {
    std::string text(client_id);
    if (user_name) text.append(1, '\0').append(*user_name);
    return text;
  }

  std::string_view client_id;
  std::optional<std::string_view> user_name;
};

}  // namespace mqttzoo::core
