#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace mqttzoo::ops {

/// Collects one scrape and writes it in the text format of Prometheus. Values of one name stand together, whatever the
/// order in which they come; names begin with `mqttzoo_` and those of counters end in `_total`.
class MetricsPage {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  MetricsPage();
  ~MetricsPage();

  void counter(std::string_view name, std::string_view help, double value, Labels labels = {});
  void gauge(std::string_view name, std::string_view help, double value, Labels labels = {});

  std::string text() const;

  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace mqttzoo::ops
