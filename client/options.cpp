#include "client/options.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>

#include "client/url.hpp"
#include "proto/mqtt/topic.hpp"
#include "proto/mqtt/utf8.hpp"

namespace mqttzoo::client {

namespace {

const std::map<std::string, mqtt::ProtocolVersion> versions = {
    {"mqttv31", mqtt::ProtocolVersion::v3_1}, {"31", mqtt::ProtocolVersion::v3_1},
    {"3.1", mqtt::ProtocolVersion::v3_1},     {"mqttv311", mqtt::ProtocolVersion::v3_1_1},
    {"311", mqtt::ProtocolVersion::v3_1_1},   {"3.1.1", mqtt::ProtocolVersion::v3_1_1},
    {"mqttv5", mqtt::ProtocolVersion::v5},    {"5", mqtt::ProtocolVersion::v5},
    {"5.0", mqtt::ProtocolVersion::v5}};

/// Values as they are typed, before they are checked against each other.
struct Typed {
  int qos = 0;
  std::string version = "5";
  std::string user_name, password, url;
  WillOptions will;
  int will_qos = 0;
  std::vector<std::string> topics;
};

/// CLI11's page without its notes on ranges and exclusions, which say the same at greater length.
class PlainFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
  }
};

void add_common(CLI::App& app, CommonOptions& options, Typed& typed) {
  app.set_help_flag("--help", "Print this page");
  app.set_version_flag("--version", std::string(MQTTZOO_VERSION), "Print the version");
  app.formatter(std::make_shared<PlainFormatter>());
  app.get_formatter()->column_width(30);
  app.add_option("-h,--host", options.host, "Broker to connect to (localhost)")->type_name("HOST");
  app.add_option("-p,--port", options.port, "Its port (1883)")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535).description(""));
  app.add_option("-L,--url", typed.url, "All in one: mqtt://user:password@host:port/topic")->type_name("URL");
  app.add_option("-q,--qos", typed.qos, "Quality of Service 0, 1 or 2 (0)")
      ->type_name("QOS")
      ->check(CLI::Range(0, 2).description(""));
  app.add_option("-i,--id", options.connect.client_id, "Client Identifier (the broker gives one)")->type_name("ID");
  app.add_option("-u,--username", typed.user_name, "User name")->type_name("NAME");
  app.add_option("-P,--pw", typed.password, "Password")->type_name("PASSWORD");
  app.add_option("-V,--protocol-version", typed.version, "MQTT version: 5, 311 or 31, also as mqttv5 (5)")
      ->type_name("VERSION");
  app.add_option("-k,--keepalive", options.connect.keep_alive_seconds, "Keep Alive in seconds, 0: off (60)")
      ->type_name("SECONDS");
  app.add_flag("-d,--debug", options.debug, "Tell each packet on standard error");
  app.add_option("--will-topic", typed.will.topic, "Topic that the broker publishes when this client is lost")
      ->type_name("TOPIC");
  app.add_option("--will-payload", typed.will.payload, "Its message (empty)")->type_name("TEXT");
  app.add_option("--will-qos", typed.will_qos, "Its Quality of Service (0)")
      ->type_name("QOS")
      ->check(CLI::Range(0, 2).description(""));
  app.add_flag("--will-retain", typed.will.retain, "Keep it as the topic's retained value");
}

/// v5 [MQTT-1.5.4-1], v3.1.1 [MQTT-1.5.3-1]: brokers close the connection for anything else.
void require_text(const char* option, std::string_view text) {
  if (!mqtt::valid_utf8(text)) throw std::invalid_argument(std::string(option) + ": not valid UTF-8");
}

void apply_common(const Typed& typed, CommonOptions& options) {
  const auto version = versions.find(typed.version);
  if (version == versions.end())
    throw std::invalid_argument("-V: no MQTT version '" + typed.version + "': say 5, 311 or 31");
  options.connect.version = version->second;
  options.qos = static_cast<mqtt::QoS>(typed.qos);
  if (!typed.user_name.empty()) options.connect.user_name = typed.user_name;
  if (!typed.password.empty()) options.connect.password = typed.password;
  if (!typed.topics.empty()) options.topics = typed.topics;
  if (!typed.url.empty()) {
    const MqttUrl url = parse_url(typed.url);
    options.host = url.host;
    options.port = url.port;
    if (url.user_name) options.connect.user_name = url.user_name;
    if (url.password) options.connect.password = url.password;
    if (url.topic && typed.topics.empty()) options.topics = {*url.topic};
  }
  require_text("-i", options.connect.client_id);
  require_text("-u", options.connect.user_name.value_or(""));
  require_text("--will-topic", typed.will.topic);
  for (const std::string& topic : options.topics) require_text("-t", topic);
  const bool v5 = options.connect.version == mqtt::ProtocolVersion::v5;
  if (options.connect.password && !options.connect.user_name && !v5) {
    throw std::invalid_argument("-P: a password without a user name (-u) needs MQTT 5");
  }
  if (!typed.will.topic.empty()) {
    if (!mqtt::valid_topic_name(typed.will.topic))
      throw std::invalid_argument("--will-topic: not a topic to publish to");
    options.connect.will = typed.will;
    options.connect.will->qos = static_cast<mqtt::QoS>(typed.will_qos);
  } else if (!typed.will.payload.empty() || typed.will.retain || typed.will_qos != 0) {
    throw std::invalid_argument("a will needs a topic: --will-topic");
  }
  // v3.1 knows no empty Client Identifier (3.1 3.1: 1 to 23 characters).
  if (options.connect.version == mqtt::ProtocolVersion::v3_1 && options.connect.client_id.empty()) {
    options.connect.client_id = "mqttzoo-" + std::to_string(::getpid());
  }
}

/// Runs CLI11 and then `check`; turns whatever is wrong into one line.
template <class Check>
std::optional<int> run(CLI::App& app, int argc, const char* const* argv, Check check) {
  try {
    app.parse(argc, argv);
    check();
    return std::nullopt;
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::cerr << app.get_name() << ": " << error.what() << "; see " << app.get_name() << " --help\n";
  } catch (const std::invalid_argument& error) {
    std::cerr << app.get_name() << ": " << error.what() << '\n';
  }
  return exit_failed;
}

constexpr const char* exit_code_text = "\nExit codes: 0 all well; 1 wrong usage or no connection; 2 the broker refused";

}  // namespace

std::optional<int> parse(int argc, const char* const* argv, PubOptions& options) {
  CLI::App app(
      "Publish messages to an MQTT broker.\n"
      "Without -m, -l, -s, -f or -n: a message per line that you type; an empty line ends.",
      "mqtt_pub");
  Typed typed;
  std::string topic, file;
  bool lines = false, whole_input = false, nothing = false;
  add_common(app, options, typed);
  app.add_option("-t,--topic", topic, "Topic to publish to (/Testing)")->type_name("TOPIC");
  auto* text_option = app.add_option("-m,--message", options.text, "The message")->type_name("TEXT");
  auto* file_option = app.add_option("-f,--file", file, "Send this file as one message")->type_name("FILE");
  auto* lines_option = app.add_flag("-l,--stdin-line", lines, "A message per line of standard input, to its end");
  auto* whole_option = app.add_flag("-s,--stdin-file", whole_input, "All of standard input as one message");
  auto* nothing_option =
      app.add_flag("-n,--null-message", nothing, "One empty message (with -r: delete the retained value)");
  const std::vector<CLI::Option*> sources = {text_option, file_option, lines_option, whole_option, nothing_option};
  for (auto* one : sources) {
    for (auto* other : sources) {
      if (one != other) one->excludes(other);
    }
  }
  app.add_flag("-r,--retain", options.retain, "Keep the message as the topic's retained value");
  app.add_option("--ttl", options.ttl_seconds, "Seconds until the message expires (MQTT 5)")->type_name("SECONDS");
  app.footer(std::string("Examples:\n"
                         "  mqtt_pub -t home/door -m open -q 1\n"
                         "  mqtt_pub -t home/door -m open -r --ttl 3600     kept for an hour for those who come later\n"
                         "  mqtt_pub -L mqtt://me:secret@broker:1883/log -l < lines.txt\n") +
             exit_code_text);
  return run(app, argc, argv, [&] {
    if (!topic.empty()) typed.topics = {topic};
    apply_common(typed, options);
    if (!mqtt::valid_topic_name(options.topics.front())) {
      throw std::invalid_argument("-t: '" + options.topics.front() +
                                  "' is no topic to publish to (empty, or has + or #)");
    }
    if (options.ttl_seconds && options.connect.version != mqtt::ProtocolVersion::v5) {
      throw std::invalid_argument("--ttl needs MQTT 5, the default: leave out -V");
    }
    using Source = PubOptions::Source;
    if (*text_option) options.source = Source::text;
    if (*file_option) options.source = Source::file, options.text = file;
    if (lines) options.source = Source::lines;
    if (whole_input) options.source = Source::whole_input;
    if (nothing) options.source = Source::nothing;
  });
}

std::optional<int> parse(int argc, const char* const* argv, SubOptions& options) {
  CLI::App app("Subscribe to topics of an MQTT broker and print what arrives, until Ctrl-C.", "mqtt_sub");
  Typed typed;
  add_common(app, options, typed);
  app.add_option("-t,--topic", typed.topics,
                 "Topic filter, may be repeated; + stands for a level, # for the rest (/Testing)")
      ->type_name("FILTER")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag("-v,--verbose", options.verbose, "Print the topic in front of each message");
  app.add_option("-C,--count", options.count, "End after so many messages")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::PositiveNumber).description(""));
  app.add_option("-W,--timeout", options.timeout_seconds, "End after so many seconds, with exit code 27")
      ->type_name("SECONDS")
      ->check(CLI::Validator(CLI::PositiveNumber).description(""));
  app.footer(std::string("Examples:\n"
                         "  mqtt_sub -t 'home/#' -v\n"
                         "  mqtt_sub -t home/door -C 1 -W 10      one message, or exit code 27 after 10 s\n") +
             exit_code_text + ";\n            27 the time of -W is over");
  return run(app, argc, argv, [&] {
    apply_common(typed, options);
    for (const std::string& filter : options.topics) {
      const auto shared = mqtt::parse_shared_filter(filter);
      if (!mqtt::valid_topic_filter(shared ? shared->filter : std::string_view(filter))) {
        throw std::invalid_argument("-t: '" + filter + "' is no topic filter");
      }
    }
  });
}

}  // namespace mqttzoo::client
