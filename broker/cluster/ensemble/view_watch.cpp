#include "broker/cluster/ensemble/view_watch.hpp"

#include <string>
#include <utility>

#include "broker/cluster/view/view_codec.hpp"
#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

using Status = CoordinatorStatus;

void ViewWatch::session_began() {
  scope_.renew();
  attempt_.reset();
  wanted_ = true;
  watched_ = false;
  reading_.reset();
}

void ViewWatch::step(core::Milliseconds now) {
  if (next_read_ && now >= *next_read_) wanted_ = true;
  if (!wanted_ || !attempt_.may_start(now)) return;
  attempt_.start();
  next_read_ = now + limits_.reread_ms;
  read();
}

void ViewWatch::read() {
  wanted_ = false;
  Coordinator::WatchCallback watch;
  if (!std::exchange(watched_, true)) {
    watch = scope_.guard([this] {
      watched_ = false;
      wanted_ = true;
    });
  }
  coordinator_.get(znode::view, std::move(watch),
                   scope_.guard([this](Status status, const std::string& data, const ZnodeStat& stat) {
                     if (status == Status::ok) {
                       take(data, stat);
                     } else if (status == Status::no_node) {
                       reading_ = Reading{};
                     } else {
                       watched_ = false;
                       wanted_ = true;
                       return attempt_.failed();
                     }
                     attempt_.succeeded();
                   }));
}

void ViewWatch::take(const std::string& data, const ZnodeStat& stat) {
  reading_ = Reading{data.size() <= limits_.znode_bytes_max ? parse_view(data) : nullptr, stat.version};
  if (reading_->view || std::exchange(said_corrupt_, stat.modified_zxid) == stat.modified_zxid) return;
  reporter_.report(ReportLevel::error,
                   "the znode /view does not hold a view: it is ignored until the controller replaces it");
}

}  // namespace mqttzoo::cluster
