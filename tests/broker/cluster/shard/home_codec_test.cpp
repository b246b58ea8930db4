#include "broker/cluster/homes/home_codec.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::cluster {
namespace {

const Incarnation sender{"home", 7};
const ConnectionEpoch epoch{123'456, {"front", 2}, 3, 99};

HomeRequest there_and_back(const HomeRequest& request) {
  proto::HomeRequest wire;
  to_proto(request, wire);
  const auto read = from_proto(wire, sender);
  EXPECT_TRUE(read.has_value());
  return *read;
}

RegisterRequest full_register() {
  RegisterRequest request{epoch, 17, 5, true, {}};
  request.registration.client_id = "client";
  request.registration.user_name = "user";
  request.registration.clean_start = false;
  request.registration.session_expiry_seconds = 60;
  request.registration.receive_maximum = 20;
  request.registration.refusable = false;
  request.registration.has_will = true;
  core::MessageView will;
  will.topic = "will/topic";
  will.payload = "gone";
  will.properties = "props";
  will.qos = mqtt::QoS::exactly_once;
  will.retain = true;
  will.publisher = 5;
  request.registration.will = {core::MessageRef::copy_of(will), 10, 20, true};
  return request;
}

TEST(HomeCodec, RegisterCarriesEverything) {
  const auto read = std::get<RegisterRequest>(there_and_back(full_register()));
  EXPECT_EQ(read.epoch, epoch);
  EXPECT_EQ(read.partition, 17);
  EXPECT_EQ(read.view_number, 5u);
  EXPECT_TRUE(read.established);
  EXPECT_EQ(read.registration.client_id, "client");
  EXPECT_EQ(read.registration.user_name, "user");
  EXPECT_FALSE(read.registration.clean_start);
  EXPECT_EQ(read.registration.session_expiry_seconds, 60u);
  EXPECT_EQ(read.registration.receive_maximum, 20);
  EXPECT_FALSE(read.registration.refusable);
  ASSERT_TRUE(read.registration.has_will);
  const core::Will& will = read.registration.will;
  EXPECT_EQ(will.message->view().topic, "will/topic");
  EXPECT_EQ(will.message->view().payload, "gone");
  EXPECT_EQ(will.message->view().properties, "props");
  EXPECT_EQ(will.message->view().qos, mqtt::QoS::exactly_once);
  EXPECT_TRUE(will.message->view().retain);
  EXPECT_EQ(will.message->view().publisher, 5u);
  EXPECT_EQ(will.client_id, "client");
  EXPECT_EQ(will.user_name, "user");
  EXPECT_EQ(will.delay_seconds, 10u);
  EXPECT_EQ(will.message_expiry_seconds, 20u);
  EXPECT_TRUE(will.has_message_expiry);
}

TEST(HomeCodec, OtherRequestsAndAnswers) {
  const auto leaves = std::get<UnregisterRequest>(
      there_and_back(UnregisterRequest{epoch, 17, "client", core::ConnectionFate::taken_over, 77}));
  EXPECT_EQ(leaves.epoch, epoch);
  EXPECT_EQ(leaves.client_id, "client");
  EXPECT_EQ(leaves.session_expiry_seconds, 77u);
  EXPECT_EQ(leaves.fate, core::ConnectionFate::taken_over);

  const auto evict = std::get<EvictRequest>(
      there_and_back(EvictRequest{epoch, 17, "client", mqtt::ReasonCode::session_taken_over, {"forged", 1}}));
  EXPECT_EQ(evict.partition, 17);
  EXPECT_EQ(evict.reason, mqtt::ReasonCode::session_taken_over);
  EXPECT_EQ(evict.home, sender) << "who asks is who the link says";

  proto::HomeAnswer wire;
  to_proto(RegisteredAnswer{epoch, {}, mqtt::ReasonCode::server_busy, true, true, nullptr}, wire);
  const auto registered = std::get<RegisteredAnswer>(*from_proto(wire, sender));
  EXPECT_EQ(registered.epoch, epoch);
  EXPECT_EQ(registered.home, sender);
  EXPECT_EQ(registered.reason, mqtt::ReasonCode::server_busy);
  EXPECT_TRUE(registered.not_home);
  to_proto(UnregisteredAnswer{epoch, {}}, wire);
  EXPECT_EQ(std::get<UnregisteredAnswer>(*from_proto(wire, sender)).epoch, epoch);
}

TEST(HomeCodec, RefusesWhatIsOutOfBounds) {
  const auto refused = [](const std::function<void(proto::Register&)>& change) {
    proto::HomeRequest wire;
    to_proto(full_register(), wire);
    change(*wire.mutable_register_());
    return !from_proto(wire, sender).has_value();
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& one) { one.clear_epoch(); }));
  EXPECT_TRUE(refused([](auto& one) { one.mutable_epoch()->set_shard(65'536); }));
  EXPECT_TRUE(refused([](auto& one) { one.mutable_epoch()->set_serial(0); }));
  EXPECT_TRUE(refused([](auto& one) { one.set_partition(65'536); }));
  EXPECT_TRUE(refused([](auto& one) { one.set_client_id(std::string(65'536, 'c')); }));
  EXPECT_TRUE(refused([](auto& one) { one.mutable_will()->set_qos(3); }));
  EXPECT_TRUE(refused([](auto& one) { one.mutable_will()->clear_topic(); }));

  proto::HomeRequest wire;
  EXPECT_FALSE(from_proto(wire, sender).has_value()) << "no request at all";
  to_proto(UnregisterRequest{epoch, 17, "client", core::ConnectionFate::lost, 0}, wire);
  wire.mutable_unregister()->set_fate(4);
  EXPECT_FALSE(from_proto(wire, sender).has_value());
  to_proto(EvictRequest{epoch, 17, "client", {}, {}}, wire);
  wire.mutable_evict()->set_reason(256);
  EXPECT_FALSE(from_proto(wire, sender).has_value());
  EXPECT_FALSE(from_proto(proto::HomeAnswer(), sender).has_value());
}

}  // namespace
}  // namespace mqttzoo::cluster
