#include "broker/cluster/homes/client_image.hpp"

#include <limits>
#include <utility>

#include "broker/cluster/homes/home_codec.hpp"

namespace mqttzoo::cluster {

namespace {

void put(const Claim& claim, proto::ClaimImage& out) {
  to_proto(claim.epoch, *out.mutable_epoch());
  out.set_state(static_cast<std::uint32_t>(claim.state));
  out.set_established(claim.established);
  out.set_clean_start(claim.clean_start);
  out.set_refusable(claim.refusable);
  out.set_receive_maximum(claim.receive_maximum);
  out.set_session_expiry_seconds(claim.session_expiry_seconds);
  if (claim.user_name) out.set_user_name(*claim.user_name);
  if (claim.has_will) to_proto(claim.will, *out.mutable_will());
  out.set_session_opened(claim.session_opened);
  out.set_session_present(claim.session_present);
}

std::optional<Claim> get(const proto::ClaimImage& from, const std::string& client_id) {
  Claim claim;
  if (!from_proto(from.epoch(), claim.epoch) || from.state() > static_cast<std::uint32_t>(ClaimState::ending) ||
      from.receive_maximum() > std::numeric_limits<std::uint16_t>::max()) {
    return std::nullopt;
  }
  claim.state = static_cast<ClaimState>(from.state());
  claim.established = from.established();
  claim.clean_start = from.clean_start();
  claim.refusable = from.refusable();
  claim.receive_maximum = static_cast<std::uint16_t>(from.receive_maximum());
  claim.session_expiry_seconds = from.session_expiry_seconds();
  if (from.has_user_name()) claim.user_name = from.user_name();
  claim.session_opened = from.session_opened();
  claim.session_present = from.session_present();
  claim.has_will = from.has_will();
  if (claim.has_will && !from_proto(from.will(), claim.will)) return std::nullopt;
  claim.will.client_id = client_id;
  claim.will.user_name = claim.user_name;
  return claim;
}

}  // namespace

proto::LogRecord record_of(const std::string& client_id, const std::vector<Claim>& claims,
                           const core::Will* delayed_will, core::ClusterMilliseconds delayed_will_at) {
  proto::LogRecord record;
  proto::ClientImage& image = *record.mutable_client();
  image.set_client_id(client_id);
  for (const Claim& claim : claims) put(claim, *image.add_claims());
  if (!delayed_will) return record;
  to_proto(*delayed_will, *image.mutable_delayed_will());
  if (delayed_will->user_name) image.mutable_delayed_will()->set_user_name(*delayed_will->user_name);
  image.set_delayed_will_at_ms(delayed_will_at);
  return record;
}

std::optional<ClientState> state_of(std::string_view serialized_client_image) {
  proto::ClientImage image;
  if (!image.ParseFromArray(serialized_client_image.data(), static_cast<int>(serialized_client_image.size()))) {
    return std::nullopt;
  }
  ClientState state;
  state.client_id = image.client_id();
  for (const proto::ClaimImage& from : image.claims()) {
    std::optional<Claim> claim = get(from, state.client_id);
    if (!claim) return std::nullopt;
    state.claims.push_back(std::move(*claim));
  }
  if (!image.has_delayed_will()) return state;
  state.delayed_will.emplace();
  if (!from_proto(image.delayed_will(), *state.delayed_will)) return std::nullopt;
  state.delayed_will->client_id = state.client_id;
  if (image.delayed_will().has_user_name()) state.delayed_will->user_name = image.delayed_will().user_name();
  state.delayed_will_at = image.delayed_will_at_ms();
  return state;
}

}  // namespace mqttzoo::cluster
