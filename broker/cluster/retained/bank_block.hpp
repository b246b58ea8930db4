#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/view/incarnation.hpp"

namespace mqttzoo::cluster {

/// "/bank/blocks/NAME#EPOCH.LANE"
std::string block_path(const Incarnation& owner, std::size_t lane);
/// Whose block it is; nothing for a name that is none of ours.
std::optional<Incarnation> owner_of_block(std::string_view name);

/// Writes to one block of credit, /bank/blocks/NAME#EPOCH.LANE, and to other znodes in the same multi, one write at a
/// time. Whatever happens to replies and sessions, the outcome is certain: each write counts the block's `write_number`
/// up on the condition of the znode's version; when the reply is lost, a write under the same condition either takes
/// the place of the lost one, which can then never be carried out any more, or shows that the block has moved on, and
/// its number says by whom.
///
/// Only its owner pays out of a block. The controller empties it when it takes the owner for dead: then a write fails
/// and the block is read again.
class BankBlockWriter {
 public:
  struct Outcome {
    static constexpr std::size_t no_part = static_cast<std::size_t>(-1);
    bool written = false;
    std::int64_t zxid = 0;                             ///< written: of the multi
    std::vector<MultiResult> results;                  ///< of the other operations; empty where the reply was lost
    CoordinatorStatus status = CoordinatorStatus::ok;  ///< not written: why
    std::size_t failed_part = no_part;                 ///< not written: which of the other operations failed
  };
  using Done = std::function<void(const Outcome&)>;

  explicit BankBlockWriter(RetainedContext& context) : context_(context) {}

  /// From now on this block. Not while busy; whatever credit the old one has is for the controller to return.
  void assign(std::string path);
  const std::string& path() const { return path_; }

  bool ready() const { return step_ == Step::ready; }
  bool busy() const { return step_ != Step::ready && step_ != Step::closed; }
  std::uint64_t credit() const { return credit_; }

  /// Reads the block, or creates it. `done` comes when it is ready. For a block that is closed.
  void open(std::function<void()> done);
  /// One multi: sets the block's credit, then `operations`. For a block that is ready.
  void write(std::uint64_t credit, std::vector<MultiOperation> operations, Done done);
  /// Sends again what could not be sent. For every tick.
  void resume();

 private:
  enum class Step : std::uint8_t { closed, opening, creating, ready, writing, fencing, rereading };

  void send();
  void send_read();
  void send_create();
  void send_fence();
  void block_until_resumed() { waits_for_resume_ = true; }
  void block_read(CoordinatorStatus status, const std::string& data, const ZnodeStat& stat);
  void take_over(const std::string& data, const ZnodeStat& stat);
  void multi_answered(CoordinatorStatus status, std::vector<MultiResult> results);
  void finish(Outcome outcome, Step next = Step::ready);
  void opened();

  RetainedContext& context_;
  std::string path_;
  Step step_ = Step::closed;
  bool waits_for_resume_ = false;
  std::function<void()> opened_;

  std::int32_t version_ = 0;
  std::uint64_t credit_ = 0;
  std::uint64_t write_number_ = 0;

  // The write under way.
  std::uint64_t next_credit_ = 0;
  bool outcome_unknown_ = false;
  Outcome outcome_;
  Done done_;
};

}  // namespace mqttzoo::cluster
