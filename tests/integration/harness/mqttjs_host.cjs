// Many MQTT.js clients in one process. Each line of standard input is a command, each line of standard output an event,
// both JSON; `client` is the number of a client. Payloads and Correlation Data are Base64.
'use strict';
const mqtt = require('mqtt');
const clients = new Map();
const tell = (client, event, more) => process.stdout.write(JSON.stringify({ client, event, ...more }) + '\n');

const toWire = (options) => {
  const data = options?.properties?.correlationData;
  if (data !== undefined) options.properties.correlationData = Buffer.from(data, 'base64');
  return options;
};
const fromWire = (properties) => {
  const data = properties?.correlationData;
  return { ...properties, ...(data && { correlationData: data.toString('base64') }) };
};

const commands = {
  connect({ client, options }) {
    if (options.will) options.will.payload = Buffer.from(options.will.payload, 'base64');
    const made = mqtt.connect({ host: '127.0.0.1', reconnectPeriod: 0, ...options });
    clients.set(client, made);
    made.on('connect', (connack) => tell(client, 'connack', { sessionPresent: connack.sessionPresent }));
    made.on('error', (error) => tell(client, 'error', { text: String(error) }));
    made.on('disconnect', (packet) => tell(client, 'disconnect', { reason: packet.reasonCode }));
    made.on('close', () => tell(client, 'close', {}));
    made.on('message', (topic, payload, packet) => tell(client, 'message', {
      topic, payload: payload.toString('base64'), qos: packet.qos, retain: packet.retain, properties: fromWire(packet.properties),
    }));
  },
  subscribe({ client, to, filter, options }) {
    clients.get(client).subscribe(filter, options, (error, granted) => tell(client, 'done', {
      to, error: error && String(error), granted: granted?.map((one) => one.qos),
    }));
  },
  publish({ client, to, topic, payload, options }) {
    clients.get(client).publish(topic, Buffer.from(payload, 'base64'), toWire(options),
      (error, packet) => tell(client, 'done', { to, error: error && String(error), reason: packet?.reasonCode }));
  },
  leave({ client }) { clients.get(client).end(); },
  drop({ client }) { clients.get(client).stream.destroy(); },
};

require('readline').createInterface({ input: process.stdin, terminal: false }).on('line', (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
}).on('close', () => process.exit(0));
