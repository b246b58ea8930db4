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
    complain(mqtt::is_error(reason) ? exit_refused : exit_failed,
             "disconnected by " + common_.address() + ": " + explained(reason, detail));
  }

 protected:
  /// True: the broker took the connection.
  bool accepted(const mqtt::Connack& connack) {
    if (!mqtt::is_error(connack.reason)) return true;
    const auto detail = connack.properties.find_string(mqtt::PropertyId::reason_string).value_or("");
    complain(exit_refused, common_.address() + " refused the connection: " + explained(connack.reason, detail));
    return false;
  }
  void complain(ExitCode code, const std::string& text) {
    std::cerr << tool_ << ": " << text << '\n';
    exit_code_ = code;
  }

 private:
  static std::string explained(mqtt::ReasonCode reason, std::string_view detail) {
    std::string text = mqtt::to_string(reason);
    if (!detail.empty() && detail != text) text += ": " + std::string(detail);
    return text;
  }

  std::string tool_;
  const CommonOptions& common_;
  int exit_code_ = exit_ok;
};

}  // namespace mqttzoo::client
