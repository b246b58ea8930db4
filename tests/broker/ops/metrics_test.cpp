#include "broker/ops/metrics.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::ops {
namespace {

using testing::HasSubstr;

TEST(MetricsPage, Counters_and_gauges_in_the_text_format) {
  MetricsPage page;
  page.counter("mqttzoo_bytes_received_total", "Bytes.", 12);
  page.gauge("mqttzoo_connections", "Open sockets.", 3);
  EXPECT_THAT(page.text(), HasSubstr("# HELP mqttzoo_bytes_received_total Bytes.\n"
                                     "# TYPE mqttzoo_bytes_received_total counter\n"
                                     "mqttzoo_bytes_received_total 12"));
  EXPECT_THAT(page.text(), HasSubstr("# TYPE mqttzoo_connections gauge\nmqttzoo_connections 3"));
}

TEST(MetricsPage, Values_of_one_name_stand_together) {
  MetricsPage page;
  page.counter("mqttzoo_a_total", "A.", 1, {{"qos", "0"}});
  page.counter("mqttzoo_b_total", "B.", 2);
  page.counter("mqttzoo_a_total", "A.", 3, {{"qos", "1"}});
  const std::string text = page.text();
  EXPECT_EQ(text.find("# TYPE mqttzoo_a_total"), text.rfind("# TYPE mqttzoo_a_total"));
  EXPECT_THAT(text, HasSubstr("mqttzoo_a_total{qos=\"0\"} 1\nmqttzoo_a_total{qos=\"1\"} 3\n"));
}

}  // namespace
}  // namespace mqttzoo::ops
