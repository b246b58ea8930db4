#include "broker/auth/filter_relations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::auth {
namespace {

/// All texts of up to `levels` of these levels.
std::vector<std::string> all_of(const std::vector<std::string>& choices, int levels) {
  std::vector<std::string> all = choices;
  std::vector<std::string> longest = choices;
  for (int level = 1; level < levels; ++level) {
    std::vector<std::string> longer;
    for (const std::string& text : longest) {
      for (const std::string& choice : choices) longer.push_back(text + '/' + choice);
    }
    all.insert(all.end(), longer.begin(), longer.end());
    longest = std::move(longer);
  }
  return all;
}

std::vector<std::string> filters() {
  std::vector<std::string> valid;
  for (const std::string& text : all_of({"a", "", "$s", "+", "#"}, 3)) {
    if (mqtt::valid_topic_filter(text)) valid.push_back(text);
  }
  return valid;
}

/// "z" stands for all that no filter names. The empty one is no topic, but "+" and "/#" overlap in it: nobody minds.
std::vector<std::string> topics() { return all_of({"a", "", "$s", "z", "$z"}, 4); }

TEST(FilterRelations, As_the_topics_say_that_match) {
  const auto all_filters = filters();
  const auto all_topics = topics();
  std::vector<std::vector<bool>> matching;
  for (const std::string& filter : all_filters) {
    matching.emplace_back();
    for (const std::string& topic : all_topics) matching.back().push_back(mqtt::matches(filter, topic));
  }
  for (std::size_t a = 0; a < all_filters.size(); ++a) {
    for (std::size_t b = 0; b < all_filters.size(); ++b) {
      bool both = false;
      bool all_of_b = true;
      for (std::size_t topic = 0; topic < all_topics.size(); ++topic) {
        both = both || (matching[a][topic] && matching[b][topic]);
        all_of_b = all_of_b && (matching[a][topic] || !matching[b][topic]);
      }
      ASSERT_EQ(overlap(all_filters[a], all_filters[b]), both) << all_filters[a] << "  " << all_filters[b];
      ASSERT_EQ(covers(all_filters[a], all_filters[b]), all_of_b) << all_filters[a] << "  " << all_filters[b];
    }
  }
}

}  // namespace
}  // namespace mqttzoo::auth
