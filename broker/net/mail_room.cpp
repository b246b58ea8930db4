#include "broker/net/mail_room.hpp"

namespace mqttzoo::net {

MailRoom::MailRoom(core::ShardIndex shard_count) {
  for (core::ShardIndex shard = 0; shard < shard_count; ++shard) {
    shards_.push_back(std::make_unique<Shard>(shard_count));
  }
}

}  // namespace mqttzoo::net
