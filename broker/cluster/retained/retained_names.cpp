#include "broker/cluster/retained/retained_names.hpp"

#include <openssl/sha.h>

#include <array>

#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

namespace {

constexpr std::size_t cut_name_bytes = 300;
constexpr std::size_t hash_bytes = 16;

bool stands_for_itself(char character) {
  if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')) return true;
  if (character >= '0' && character <= '9') return true;
  return std::string_view("-_.$:@=,;!()").find(character) != std::string_view::npos;
}

void append_hex(std::string& text, unsigned char byte, const char* digits) {
  text += digits[byte >> 4];
  text += digits[byte & 15];
}

void append_encoded(std::string& name, char character) {
  if (stands_for_itself(character)) {
    name += character;
    return;
  }
  name += '%';
  append_hex(name, static_cast<unsigned char>(character), "0123456789ABCDEF");
}

/// "." and ".." are no names for ZooKeeper.
std::string encoded_dots(std::size_t count) {
  std::string name;
  for (std::size_t dot = 0; dot < count; ++dot) name += "%2E";
  return name;
}

std::string cut_name(std::string_view topic) {
  std::string name;
  for (std::size_t at = 0; name.size() + 3 <= cut_name_bytes; ++at) append_encoded(name, topic[at]);
  name += '~';
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  SHA256(reinterpret_cast<const unsigned char*>(topic.data()), topic.size(), hash.data());
  for (std::size_t at = 0; at < hash_bytes; ++at) append_hex(name, hash[at], "0123456789abcdef");
  return name;
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string retained_znode_name(std::string_view topic) {
  if (topic == "." || topic == "..") return encoded_dots(topic.size());
  if (topic.size() > znode_name_bytes_max) return cut_name(topic);
  std::string name;
  for (const char character : topic) append_encoded(name, character);
  return name.size() > znode_name_bytes_max ? cut_name(topic) : name;
}

std::uint8_t retained_bucket(std::string_view topic) {
  std::uint32_t hash = 2'166'136'261;  // FNV-1a
  for (const char character : topic) hash = (hash ^ static_cast<unsigned char>(character)) * 16'777'619;
  return static_cast<std::uint8_t>(hash ^ hash >> 8 ^ hash >> 16 ^ hash >> 24);
}

std::string retained_bucket_path(std::uint8_t bucket) {
  std::string path = znode::under(znode::topics, {});
  append_hex(path, bucket, "0123456789abcdef");
  return path;
}

std::string retained_znode_path(std::string_view topic) {
  return retained_bucket_path(retained_bucket(topic)) + '/' + retained_znode_name(topic);
}

std::optional<std::string> topic_of_znode_name(std::string_view name) {
  std::string topic;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] != '%') {
      topic += name[at];
      continue;
    }
    if (name.size() - at < 3) return std::nullopt;
    const int high = hex_value(name[at + 1]);
    const int low = hex_value(name[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    topic += static_cast<char>(high * 16 + low);
    at += 2;
  }
  if (topic.empty() || retained_znode_name(topic) != name) return std::nullopt;
  return topic;
}

}  // namespace mqttzoo::cluster
