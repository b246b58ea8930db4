#include "broker/cluster/retained/znode_retained_store.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/retained/local_retained_store.hpp"
#include "broker/cluster/retained/retained_names.hpp"
#include "broker/common/ensure.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

/// A packet of ZooKeeper's has 1,048,575 bytes; the rest is for the parts of the multi around the value.
constexpr std::size_t commit_packet_bytes_max = 1'040'000;

}  // namespace

ZnodeRetainedStore::ZnodeRetainedStore(Coordinator& bulk, ClusterClock& clock, RetainedOptions options, RetainedLog log)
    : options_(options),
      clock_(clock),
      context_{.ensemble = GuardedCoordinator(bulk),
               .cache = cache_,
               .clock = clock_,
               .options = options_,
               .counters = counters_,
               .log = std::move(log)},
      log_(context_, *this),
      topics_(context_),
      loader_(
          context_, [this](ChangeNumber first) { log_.start(first); }, [this] { values_loaded(); }),
      reads_(context_, log_, topics_),
      time_keeper_(context_),
      audit_(context_, log_, topics_),
      sweeper_(context_, log_, topics_),
      upkeep_(context_, audit_) {
  ensure(options_.lanes > 0, "values are committed in at least one lane");
  CommitLaneOwner& owner = *this;
  while (lanes_.size() < options_.lanes) lanes_.emplace_back(context_, owner);
}

// ---- Storing ----

CommitLane& ZnodeRetainedStore::lane_of(std::string_view topic) {
  return lanes_[retained_bucket(topic) % lanes_.size()];
}

void ZnodeRetainedStore::store(core::MessageRef message, bool refusable, StoreCallback done) {
  const auto& view = message->view();
  if (is_local_topic(view.topic)) {
    const auto answer = store_locally(cache_, std::move(message), options_, counters_);
    return done(answer.outcome, answer.reason);
  }
  auto& queue = lane_of(view.topic).queue();
  auto answer = refusal(*message, refusable);
  if (answer && !queue.has(view.topic)) return done(answer->outcome, answer->reason);
  RetainedPublish publish;
  publish.refusable = refusable;
  publish.waits_until = context_.now + options_.store_wait_ms;
  publish.expires_at = view.expires_at;
  if (publish.expires_at == 0 && options_.retain_ttl_ms > 0) publish.expires_at = clock_.now() + options_.retain_ttl_ms;
  publish.done = std::move(done);
  publish.answer = answer;
  publish.message = std::move(message);
  queue.add(view.topic, std::move(publish));
}

std::optional<RetainedAnswer> ZnodeRetainedStore::refusal(const core::Message& message, bool refusable) {
  const auto& view = message.view();
  const bool is_deletion = view.payload.empty();
  if (!is_deletion && (view.payload.size() + view.properties.size() > options_.value_bytes_max || !fits_packet(view)))
    return refuse(RetainedRefusal::too_large, refusable, counters_);
  if (context_.waiting_bytes + message.footprint_bytes() > options_.waiting_bytes_max)
    return refuse(RetainedRefusal::full, refusable, counters_);
  if (!is_deletion && cache_.znodes() >= options_.values_max && !cache_.find(view.topic))
    return refuse(RetainedRefusal::full, refusable, counters_);
  // Whoever waits for an acknowledgement and cannot be told no, waits on: nothing may be acknowledged that is not
  // stored.
  if (context_.cut_off && (refusable || view.qos == mqtt::QoS::at_most_once))
    return refuse(RetainedRefusal::cut_off, refusable, counters_);
  return std::nullopt;
}

bool ZnodeRetainedStore::fits_packet(const core::MessageView& view) const {
  const auto names = 2 * (view.topic.size() + znode_name_bytes_max);
  return view.payload.size() + view.properties.size() + view.source.size() + names < commit_packet_bytes_max;
}

void ZnodeRetainedStore::renew_knowledge(CommitLane& lane, std::string topic, std::int32_t known_version) {
  log_.catch_up([this, &lane, topic = std::move(topic), known_version] {
    const auto* const known = cache_.find(topic);
    if (topic.empty() && context_.sweep_number == known_version) return log_lost("a sweep is missing");
    if (!topic.empty() && (known ? known->znode_version : -1) == known_version) topics_.read(topic);
    topics_.when_settled([&lane] { lane.knowledge_renewed(); });
  });
}

void ZnodeRetainedStore::collect_credit(CommitLane& lane) {
  collecting_.push_back(&lane);
  for (auto& other : lanes_)
    if (&other != &lane) other.give_back_all();
  credit_given_back();
}

void ZnodeRetainedStore::credit_given_back() {
  const auto gives = [](const CommitLane& lane) { return lane.gives_back(); };
  if (std::any_of(lanes_.begin(), lanes_.end(), gives)) return;
  for (auto* lane : std::exchange(collecting_, {})) lane->credit_collected();
}

// ---- Reading ----

void ZnodeRetainedStore::read(std::vector<std::string> filters, ReadCallback done) {
  reads_.read(std::move(filters), std::move(done));
}

void ZnodeRetainedStore::changed(const proto::RetainedChanges& changes, std::int64_t zxid) {
  if (changes.removed()) {
    for (const auto& change : changes.changes()) cache_.remove(change.topic(), zxid);
    if (comes_after(changes.sweep_number(), context_.sweep_number)) context_.sweep_number = changes.sweep_number();
    return;
  }
  for (const auto& change : changes.changes()) {
    if (change.value().empty()) {
      topics_.read(change.topic());
      continue;
    }
    ZnodeStat stat;
    stat.modified_zxid = zxid;
    stat.version = change.znode_version();
    enter_znode(context_, retained_znode_path(change.topic()), change.topic(), change.value(), stat);
  }
}

// ---- Loading ----

void ZnodeRetainedStore::load_again(bool repair) {
  context_.loaded = values_known_ = false;
  log_.stop();
  topics_.stop();
  reads_.start_over();
  sweeper_.start_over();
  loader_.start(repair);
  audit_.give_up();
}

void ZnodeRetainedStore::log_lost(std::string why) {
  context_.log(ReportLevel::info, "retained values are loaded again: " + why);
  load_again(false);
}

void ZnodeRetainedStore::structure_missing() {
  if (!context_.loaded) return;
  context_.log(ReportLevel::error, "znodes of the retained values are missing and made again");
  load_again(true);
}

void ZnodeRetainedStore::values_loaded() {
  ++counters_.loads;
  values_known_ = true;
  check_loaded();
}

/// Values are of use only with the cluster's clock, which knows what has expired; and not before others can go on with
/// that, so that nobody sees again what has expired here.
void ZnodeRetainedStore::check_loaded() {
  if (context_.loaded || !values_known_ || !time_keeper_.is_told()) return;
  context_.loaded = true;
  context_.log(ReportLevel::info,
               std::to_string(cache_.values() - cache_.local_values()) + " retained values are loaded");
  for (auto& lane : lanes_) lane.knowledge_renewed();
}

// ---- Time ----

void ZnodeRetainedStore::look_at_contact() {
  if (context_.ensemble.connected()) {
    disconnected_since_.reset();
  } else if (!disconnected_since_) {
    disconnected_since_ = context_.now;
  }
  context_.cut_off = disconnected_since_ && context_.now - *disconnected_since_ >= options_.store_wait_ms;
}

void ZnodeRetainedStore::tick(core::Milliseconds now) {
  clock_.advance(now);
  context_.now = now;
  look_at_contact();
  if (!std::exchange(started_, true)) loader_.start(false);
  time_keeper_.tick();
  loader_.resume();
  log_.resume();
  topics_.resume();
  check_loaded();
  if (now - inspected_at_ >= options_.log_inspection_ms) {
    inspected_at_ = now;
    log_.inspect();
  }
  const bool gives_up = now - gave_up_at_ >= options_.retry_ms;
  if (gives_up) gave_up_at_ = now;
  for (auto& lane : lanes_) {
    lane.tick();
    if (gives_up) lane.queue().give_up();
    lane.queue().tell();
  }
  reads_.pump();
  if (!is_controller_) return;
  sweeper_.tick();
  upkeep_.tick();
}

// ---- The broker's place in the cluster ----

void ZnodeRetainedStore::set_incarnation(const Incarnation& incarnation) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) lanes_[lane].assign_block(block_path(incarnation, lane));
}

void ZnodeRetainedStore::hold_office(std::vector<Incarnation> living) {
  is_controller_ = true;
  upkeep_.set_living(std::move(living));
}

void ZnodeRetainedStore::audit(BankAudit::Done done) {
  if (audit_.running() || !context_.loaded) return done(std::nullopt);
  audit_.run(std::move(done));
}

}  // namespace mqttzoo::cluster
