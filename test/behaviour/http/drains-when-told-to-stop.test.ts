import { once } from 'node:events';
import { Agent, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import { open, rawRequest, send } from '../../fixtures/client.ts';
import { startPair, startRawPair } from '../../fixtures/pair.ts';

/** Tries a request on a new connection. Whoever listens there by now may be another program: its answer is not looked at. */
async function knock(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined); // the refusal, which is what should come
  socket.write('GET /iot/late HTTP/1.1\r\nHost: localhost\r\n\r\n', () => socket.destroy());
  await over;
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`E11 ${signal} lets a running request finish, takes no new one, and exits 0`, async (t) => {
    let response!: ServerResponse;
    const { up, url, proxy } = await startPair(t, {
      handler: (_request, answer) => {
        response = answer;
        answer.write('begin');
      },
    });
    const idle = await rawRequest(t, proxy.port, '');
    const answer = await open(url).response;
    await once(answer, 'readable');
    const exit = proxy.stop(signal);
    t.match(await proxy.log.next('draining'), { inFlight: 1 });
    await idle.ended;
    await knock(proxy.port);
    response.end('-end');
    let text = '';
    for await (const chunk of answer) text += chunk;
    t.equal(text, 'begin-end');
    t.match(await exit, { code: 0, signal: null, stderr: '' });
    t.match(proxy.log.all('stopped'), [{ inFlight: 0 }]);
    t.match(proxy.log.all('request'), [{ status: 200, bytesOut: 9 }], 'its line is written');
    await up.connections.at(0).closed;
    t.equal(up.requests.length, 1, 'no new request was taken');
  });
}

t.test('E11 a client that keeps its connection does not hold up the end', async (t) => {
  const { url, proxy } = await startPair(t);
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  await send(url, { agent });
  t.match(await proxy.stop(), { code: 0 });
});

t.test('E11 what clients had sent when the signal came is answered, on old connections and on new ones', async (t) => {
  const { proxy } = await startPair(t, { handler: (_request, response) => response.end('ok') });
  const request = 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const old = await Promise.all(Array.from({ length: 8 }, () => rawRequest(t, proxy.port, request)));
  for (const wire of old) await wire.until('ok');
  proxy.signal('SIGSTOP');
  for (const wire of old) await wire.write(request);
  const young = await Promise.all(Array.from({ length: 4 }, () => rawRequest(t, proxy.port, request)));
  const exit = proxy.stop();
  proxy.signal('SIGCONT');
  for (const wire of [...old, ...young]) {
    t.match(String(await wire.until('ok')), /^HTTP\/1\.1 200 OK\r\n/);
    t.equal(await wire.ended, 'end');
  }
  t.match(await exit, { code: 0, stderr: '' });
  t.match(proxy.log.all('stopped'), [{ inFlight: 0 }]);
});

t.test('E11 nor does what comes by them outlive `drain`', async (t) => {
  const { proxy } = await startPair(t, { config: { drain: 0 }, handler: () => undefined });
  proxy.signal('SIGSTOP');
  const request = 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const wires = await Promise.all(Array.from({ length: 16 }, () => rawRequest(t, proxy.port, request)));
  const exit = proxy.stop();
  proxy.signal('SIGCONT');
  t.match((await exit).signal, null);
  for (const wire of wires) await wire.ended;
  t.equal(proxy.log.all('stopped').length, 1);
});

t.test('E11 past `drain` what still runs is cut, and it exits 1', async (t) => {
  const { url, proxy } = await startPair(t, {
    config: { drain: '200ms' },
    handler: (_request, response) => {
      response.write('begin');
    },
  });
  const answer = await open(url).response;
  answer.resume();
  const cut = once(answer, 'end').catch((error: NodeJS.ErrnoException) => error.code);
  t.match(await proxy.stop(), { code: 1, signal: null });
  t.equal(await cut, 'ECONNRESET');
  t.match(proxy.log.all('stopped'), [{ inFlight: 1 }]);
  t.match(proxy.log.all('request'), [{ status: 200, aborted: true, cut: true }], 'nobody is to blame the client');
});

t.test('E11 the response to a request that runs says that its connection ends', async (t) => {
  let response!: ServerResponse;
  const { up, url, proxy } = await startPair(t, { handler: (_request, answer) => (response = answer) });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const sent = send(url, { agent });
  await up.requests.first();
  const exit = proxy.stop();
  await proxy.log.next('draining');
  response.end('done');
  t.match(await sent, { status: 200, headers: { connection: 'close' } });
  t.match(await exit, { code: 0 });
});

const upgrade = 'GET /iot HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

t.test('E11 past `drain` a tunnel is ended on both sides, behind what was sent, and it exits 1', async (t) => {
  const { up, proxy } = await startRawPair(
    t,
    async (connection) => {
      await connection.head();
      await connection.write(`${switched}from the upstream`);
    },
    { config: { drain: '1ms' } },
  );
  const wire = await rawRequest(t, proxy.port, `${upgrade}from the client`);
  await wire.head();
  await wire.until('from the upstream');
  const connection = up.connections.at(0);
  await connection.until('from the client');
  const exit = proxy.stop();
  t.equal(await wire.ended, 'end');
  t.equal(await connection.ended, 'end');
  wire.end();
  connection.end();
  t.match(await exit, { code: 1, signal: null, stderr: '' });
  t.match(proxy.log.all('stopped'), [{ inFlight: 1 }]);
  const [line] = proxy.log.all('request');
  t.match(line, { status: 101, bytesIn: 15, bytesOut: 17 });
  t.notOk('aborted' in (line ?? {}) || 'cut' in (line ?? {}), 'it had a proper end');
});

t.test(
  'E11 past `drain` a tunnel is cut whose sides do not answer the end, and so is a request beside it',
  async (t) => {
    const { up, proxy } = await startRawPair(
      t,
      async (connection) => {
        if (/upgrade/i.test(await connection.head())) await connection.write(switched);
      },
      { config: { drain: '1ms' } },
    );
    const tunnel = await rawRequest(t, proxy.port, upgrade);
    await tunnel.head();
    const request = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await up.connections.reach(2);
    const exit = proxy.stop();
    t.match(await exit, { code: 1, signal: null, stderr: '' });
    await request.ended;
    t.match(
      proxy.log.all('request').map(({ status, aborted, cut }) => [status, aborted, cut]),
      [
        [0, true, true],
        [101, true, true],
      ],
    );
  },
);

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  t.test(`E11 a second ${signal} ends it at once`, async (t) => {
    const { up, url, proxy } = await startPair(t, { config: { drain: '1h' }, handler: () => undefined });
    open(url);
    await up.requests.first();
    proxy.signal('SIGTERM');
    await proxy.log.next('draining');
    t.match(await proxy.stop(signal), { code, signal: null });
  });
}
