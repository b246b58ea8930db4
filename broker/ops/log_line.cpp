#include "broker/ops/log_line.hpp"

#include <algorithm>

namespace mqttzoo::ops {

namespace {

constexpr char hex[] = "0123456789abcdef";

// Length of the UTF-8 character at the front of `text`, 0 if there is none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto follows = [&](std::size_t index) { return index < text.size() && (byte(index) & 0xC0) == 0x80; };
  if (byte(0) < 0x80) return 1;
  if (byte(0) >= 0xC2 && byte(0) < 0xE0) return follows(1) ? 2 : 0;
  if ((byte(0) & 0xF0) == 0xE0) {
    const bool overlong = byte(0) == 0xE0 && text.size() > 1 && byte(1) < 0xA0;
    const bool surrogate = byte(0) == 0xED && text.size() > 1 && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (byte(0) >= 0xF0 && byte(0) < 0xF5) {
    const bool overlong = byte(0) == 0xF0 && text.size() > 1 && byte(1) < 0x90;
    const bool too_high = byte(0) == 0xF4 && text.size() > 1 && byte(1) >= 0x90;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

// Whole characters up to the limit.
std::string_view bounded(std::string_view text, bool& cut) {
  cut = text.size() > field_bytes_max;
  if (!cut) return text;
  std::size_t end = field_bytes_max;
  while (end > field_bytes_max - 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// C1 controls (U+0080 to U+009F) drive terminals as the ASCII ones do.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
}

// Escapes text for the inside of double quotes.
void append_escaped(std::string& out, std::string_view whole, bool json) {
  bool cut = false;
  std::string_view text = bounded(whole, cut);
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    const auto byte = static_cast<unsigned char>(character.back());
    if (size == 0) {
      if (json) {
        out += "\xEF\xBF\xBD";
      } else {
        out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
      }
    } else if (is_control(character)) {
      out += json ? "\\u00" : "\\x";
      out += {hex[byte >> 4], hex[byte & 15]};
    } else {
      if (character == "\"" || character == "\\") out += '\\';
      out += character;
    }
    text.remove_prefix(character.size());
  }
  if (cut) out += "...";
}

// The message is ours, but may name what stands in ZooKeeper or came from another broker: it stays one line.
std::string one_line(std::string_view message) {
  std::string line;
  line.reserve(message.size());
  while (!message.empty()) {
    const std::size_t size = character_bytes(message);
    const std::string_view character = message.substr(0, std::max<std::size_t>(size, 1));
    if (size != 0 && is_control(character)) {
      const auto byte = static_cast<unsigned char>(character.back());
      line += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    } else {
      line += character;
    }
    message.remove_prefix(character.size());
  }
  return line;
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.size() > field_bytes_max || std::any_of(text.begin(), text.end(), [](unsigned char c) {
           return c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\';
         });
}

}  // namespace

std::string text_line(std::string_view message, std::span<const Field> fields) {
  std::string line = one_line(message);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      line += std::to_string(*number);
    } else if (const auto text = std::get<std::string_view>(field.value); needs_quotes(text)) {
      line += '"';
      append_escaped(line, text, false);
      line += '"';
    } else {
      line += text;
    }
  }
  return line;
}

std::string json_members(std::string_view message, std::span<const Field> fields) {
  std::string line = "\"message\":\"";
  append_escaped(line, message, true);
  line += '"';
  for (const Field& field : fields) {
    line += ",\"";
    line += field.key;
    line += "\":";
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      line += std::to_string(*number);
    } else {
      line += '"';
      append_escaped(line, std::get<std::string_view>(field.value), true);
      line += '"';
    }
  }
  return line;
}

}  // namespace mqttzoo::ops
