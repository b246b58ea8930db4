// MQTT.js as a subscriber or a publisher for the integration tests:
//   node mqttjs_client.cjs sub|pub VERSION PORT TOPIC QOS [PAYLOAD]
'use strict';
const mqtt = require('mqtt');
const [verb, version, port, topic, qos, payload] = process.argv.slice(2);
const client = mqtt.connect({ host: '127.0.0.1', port: Number(port), protocolVersion: Number(version), reconnectPeriod: 0 });
const fail = (error) => { console.error(String(error)); process.exit(1); };

client.on('error', fail);
client.on('connect', () => {
  if (verb === 'pub') {
    client.publish(topic, payload, { qos: Number(qos) }, (error) => (error ? fail(error) : client.end(false, () => process.exit(0))));
  } else {
    client.subscribe(topic, { qos: Number(qos) }, (error) => (error ? fail(error) : console.log('Subscribed')));
  }
});
client.on('message', (from, body) => console.log(`${from} ${body}`));
