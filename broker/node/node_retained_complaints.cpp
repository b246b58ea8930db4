#include "broker/node/node_retained_complaints.hpp"

#include <string_view>
#include <vector>

#include "broker/ops/log.hpp"

namespace mqttzoo {

namespace {

using Counters = cluster::RetainedCounters;

struct Reason {
  std::string_view name;
  std::uint64_t Counters::*refused;
  std::uint64_t Counters::*live_only;
};

constexpr Reason reasons[] = {{"bank", &Counters::refused_bank, &Counters::live_only_bank},
                              {"too_large", &Counters::refused_too_large, &Counters::live_only_too_large},
                              {"full", &Counters::refused_full, &Counters::live_only_full},
                              {"cut_off", &Counters::refused_cut_off, &Counters::live_only_cut_off}};

}  // namespace

void RetainedComplaints::look(const Counters& now_counted, core::Milliseconds now) {
  if (now < next_) return;
  std::vector<ops::Field> fields;
  for (const Reason& reason : reasons) {
    const auto count = [&](const Counters& counters) { return counters.*reason.refused + counters.*reason.live_only; };
    const std::uint64_t more = count(now_counted) - count(told_);
    if (more > 0) fields.push_back({reason.name, static_cast<std::int64_t>(more)});
  }
  if (fields.empty()) return;
  ops::log(ops::Level::warning, "retained messages were not stored", fields);
  told_ = now_counted;
  next_ = now + interval_ms;
}

}  // namespace mqttzoo
