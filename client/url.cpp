#include "client/url.hpp"

#include <boost/url.hpp>
#include <boost/url/src.hpp>
#include <charconv>
#include <stdexcept>

namespace mqttzoo::client {

MqttUrl parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
  if (!parsed) throw std::invalid_argument("not a URL like mqtt://user:password@host:port/topic");
  const boost::urls::url_view& url = *parsed;
  if (url.scheme() != "mqtt") throw std::invalid_argument("only mqtt:// URLs are known");
  if (url.host().empty()) throw std::invalid_argument("the URL names no host");
  if (url.has_query() || url.has_fragment())
    throw std::invalid_argument("'?' and '#' in a URL's topic are written %3F and %23");

  MqttUrl result;
  result.host = url.host_type() == boost::urls::host_type::ipv6 ? std::string(url.host_ipv6_address().to_string())
                                                                : std::string(url.host());
  if (url.has_port()) {
    const std::string port(url.port());
    const auto end = std::from_chars(port.data(), port.data() + port.size(), result.port);
    if (end.ec != std::errc() || result.port == 0) throw std::invalid_argument("the URL's port is not from 1 to 65535");
  }
  if (url.has_userinfo()) {
    result.user_name = url.user();
    if (url.has_password()) result.password = url.password();
  }
  const std::string path = url.path();
  if (path.size() > 1) result.topic = path.substr(1);
  return result;
}

}  // namespace mqttzoo::client
