#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Where the retained value of a topic stands: /topic/BB/NAME. BB are two hex digits of a hash, so that no znode has
/// too many children. NAME is the topic, percent-encoded: letters, digits and a few harmless characters stand for
/// themselves ("read%2Fme"), so it is legal for ZooKeeper and readable in zkCli.
///
/// ZooKeeper has no limit for names, but a listing of a bucket with topics of 65,535 bytes would burst its packets. So
/// an encoded name of more than `znode_name_bytes_max` is cut and ends with "~" and 128 bits of the topic's SHA-256;
/// the whole topic stands in the value. '~' itself is always encoded: a cut name is never mistaken for a whole one.
namespace mqttzoo::cluster {

inline constexpr std::size_t znode_name_bytes_max = 400;
inline constexpr std::size_t retained_buckets = 256;

std::string retained_znode_name(std::string_view topic);
std::uint8_t retained_bucket(std::string_view topic);
/// "/topic/3f"
std::string retained_bucket_path(std::uint8_t bucket);
/// "/topic/3f/read%2Fme"
std::string retained_znode_path(std::string_view topic);

/// The topic, if the name is one that retained_znode_name gives and was not cut.
std::optional<std::string> topic_of_znode_name(std::string_view name);

}  // namespace mqttzoo::cluster
