#pragma once

#include <memory>
#include <utility>

namespace mqttzoo::cluster {

/// Ends what was asked of a Coordinator: a guarded callback does nothing once the scope was renewed (the session that
/// it was asked in is over) or destroyed (nobody is left to be told). Lives on the control thread.
class CallbackScope {
 public:
  template <class Callback>
  auto guard(Callback callback) const {
    return [callback = std::move(callback), token = std::weak_ptr<const char>(token_)](auto&&... arguments) {
      if (!token.expired()) callback(std::forward<decltype(arguments)>(arguments)...);
    };
  }
  void renew() { token_ = std::make_shared<const char>(); }

 private:
  std::shared_ptr<const char> token_ = std::make_shared<const char>();
};

}  // namespace mqttzoo::cluster
