#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_ensemble.hpp"

namespace mqttzoo::support {

/// Hands the callbacks of a coordinator to its process, one turn each: a stalled one gets them when it runs again.
class InboxCoordinator final : public cluster::Coordinator {
 public:
  using Deliver = std::function<void(std::function<void()>)>;

  InboxCoordinator(std::unique_ptr<FakeCoordinator> inner, Deliver deliver)
      : inner_(std::move(inner)), deliver_(std::move(deliver)) {}

  FakeCoordinator& inner() { return *inner_; }

  SessionState session_state() const override { return inner_->session_state(); }
  std::int64_t session_id() const override { return inner_->session_id(); }
  std::int32_t session_timeout_ms() const override { return inner_->session_timeout_ms(); }
  void on_session_change(SessionCallback callback) override { inner_->on_session_change(later(std::move(callback))); }

  void get(std::string_view path, WatchCallback watch, DataCallback done) override {
    inner_->get(path, later(std::move(watch)), later(std::move(done)));
  }
  void children(std::string_view path, WatchCallback watch, ChildrenCallback done) override {
    inner_->children(path, later(std::move(watch)), later(std::move(done)));
  }
  void create(std::string_view path, std::string_view data, cluster::CreateMode mode, CreateCallback done) override {
    inner_->create(path, data, mode, later(std::move(done)));
  }
  void set(std::string_view path, std::string_view data, std::int32_t version, StatCallback done) override {
    inner_->set(path, data, version, later(std::move(done)));
  }
  void remove(std::string_view path, std::int32_t version, StatusCallback done) override {
    inner_->remove(path, version, later(std::move(done)));
  }
  void multi(std::vector<cluster::MultiOperation> operations, MultiCallback done) override {
    inner_->multi(std::move(operations), later(std::move(done)));
  }
  void close(std::int32_t deadline_ms, std::function<void()> done) override {
    inner_->close(deadline_ms, later(std::move(done)));
  }

 private:
  template <class... Arguments>
  std::function<void(Arguments...)> later(std::function<void(Arguments...)> callback) {
    if (!callback) return nullptr;
    return [this, callback = std::move(callback)](Arguments... arguments) {
      deliver_([callback, ... arguments = std::move(arguments)]() mutable { callback(std::move(arguments)...); });
    };
  }

  std::unique_ptr<FakeCoordinator> inner_;
  Deliver deliver_;
};

}  // namespace mqttzoo::support
