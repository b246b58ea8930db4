#pragma once

#include <iostream>
#include <string>
#include <string_view>

#include "client/client_protocol.hpp"
#include "client/options.hpp"

namespace mqttzoo::client {

/// What both tools do with events: traces, and one line on standard error for what goes wrong.
class ToolEvents : public ClientEvents {
 public:
  ToolEvents(std::string tool, const CommonOptions& options) : tool_(std::move(tool)), common_(options) {}

  int exit_code() const { return exit_code_; }

  bool traces() const override { return common_.debug; }
  void trace(std::string_view text) override {
    std::cerr << "Client " << common_.connect.client_id << ' ' << text << '\n';
  }

  void message(const mqtt::Publish&) override {}
  void published(std::uint16_t, mqtt::ReasonCode) override {}
  void subscribed(const mqtt::ReasonCodeList&) override {}
  void unsubscribed() override {}
  void ended(mqtt::ReasonCode reason, std::string_view detail) override {
    std::string text = "disconnected by " + common_.address() + ": " + mqtt::to_string(reason);
    if (!detail.empty()) text += ": " + std::string(detail);
    complain(mqtt::is_error(reason) ? exit_refused : exit_failed, text);
  }

 protected:
  /// True: the broker took the connection.
  bool accepted(const mqtt::Connack& connack) {
    if (!mqtt::is_error(connack.reason)) return true;
    std::string text = common_.address() + " refused the connection: " + mqtt::to_string(connack.reason);
    if (auto more = connack.properties.find_string(mqtt::PropertyId::reason_string)) text += ": " + std::string(*more);
    complain(exit_refused, text);
    return false;
  }
  void complain(ExitCode code, const std::string& text) {
    std::cerr << tool_ << ": " << text << '\n';
    exit_code_ = code;
  }

 private:
  std::string tool_;
  const CommonOptions& common_;
  int exit_code_ = exit_ok;
};

}  // namespace mqttzoo::client
