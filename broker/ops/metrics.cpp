#include "broker/ops/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <vector>

namespace mqttzoo::ops {

struct MetricsPage::Families {
  std::vector<prometheus::MetricFamily> all;

  prometheus::ClientMetric& add(std::string_view name, std::string_view help, prometheus::MetricType type,
                                Labels labels) {
    auto family = std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.name == name; });
    if (family == all.end()) {
      all.push_back({std::string(name), std::string(help), type, {}});
      family = all.end() - 1;
    }
    auto& metric = family->metric.emplace_back();
    for (const auto& [key, value] : labels) metric.label.push_back({std::string(key), std::string(value)});
    return metric;
  }
};

MetricsPage::MetricsPage() : families_(std::make_unique<Families>()) {}
MetricsPage::~MetricsPage() = default;

void MetricsPage::counter(std::string_view name, std::string_view help, double value, Labels labels) {
  families_->add(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void MetricsPage::gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  families_->add(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

std::string MetricsPage::text() const { return prometheus::TextSerializer().Serialize(families_->all); }

}  // namespace mqttzoo::ops
