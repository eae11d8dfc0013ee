import t from 'tap';
import { noConnectionFree, standstillOf } from '../../src/proxy/standstill.ts';

const still = { name: 'up:443', clientOwes: false, clientFull: false, unanswered: false };

t.test('the client that does not send, or does not read, is told so', async (t) => {
  const client = { code: 'bad-request', status: 408, source: 'downstream', close: true };
  t.match(standstillOf({ ...still, clientOwes: true }), {
    ...client,
    message: /client sent nothing more .*`timeouts\.idle`/,
  });
  t.match(standstillOf({ ...still, clientFull: true, clientOwes: true }), { ...client, message: /took nothing/ });
});

t.test('otherwise it is the upstream', async (t) => {
  const upstream = { code: 'timeout', status: 504, error: 'http_response_timeout', source: 'upstream' };
  t.match(standstillOf({ ...still, unanswered: true }), { ...upstream, message: /up:443 .*`timeouts\.response`/ });
  t.match(standstillOf(still), { ...upstream, message: /up:443 .*`timeouts\.idle`/ });
});

t.test('a route without a free connection names the key', async (t) => {
  t.match(noConnectionFree('up:443', 4), {
    code: 'overloaded',
    status: 503,
    message: /all 4 .*`pool\.maxConnections`/,
  });
});
