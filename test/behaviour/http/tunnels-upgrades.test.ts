import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { Journal } from '../../fixtures/journal.ts';
import { until12, without13 } from '../../fixtures/ladder.ts';
import { answering, join, type Problem, startPair, startRawPair, trusting } from '../../fixtures/pair.ts';
import { startFront, startUpstream } from '../../fixtures/upstreams.ts';

const ask = (protocol = 'websocket', more = '', path = '/iot/chat?q=1') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${more}\r\n`;
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
const next = 'GET /iot/next HTTP/1.1\r\nHost: localhost\r\n\r\n';

t.test('D11 a WebSocket: the handshake with its fields, then frames both ways', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    t.match(
      await connection.head(),
      /^GET \/chat\?q=1 HTTP\/1\.1\r\nHost: 127.*\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\nSEC-WebSocket-Version: 13\r\nVia: .*\r\nConnection: Upgrade\r\n\r\n$/s,
    );
    await connection.write(`${switched}sec-websocket-ACCEPT: a\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n`);
    for (;;) await connection.write(await connection.until(1));
  });
  const wire = await rawRequest(
    t,
    proxy.port,
    ask('websocket', 'Sec-WebSocket-Key: k\r\nSEC-WebSocket-Version: 13\r\n'),
  );
  const head = await wire.head();
  t.match(
    head,
    /^HTTP\/1\.1 101 Switching Protocols\r\nUpgrade: websocket\r\nsec-websocket-ACCEPT: a\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n/,
  );
  t.match(head, /\r\nConnection: Upgrade\r\n/);
  for (const frame of ['\x81\x85\x01\x02\x03\x04hello', 'GET / HTTP/1.1\r\n\r\n', '\x00\xff']) {
    await wire.write(frame);
    t.equal((await wire.until(frame.length)).toString('latin1'), frame);
  }
  t.equal(proxy.log.all('request').length, 0);
  wire.end();
  up.connections.at(0).end();
  await wire.ended;
  t.match(await logged(), {
    method: 'GET',
    path: '/iot/chat',
    status: 101,
    bytesIn: 31,
    bytesOut: 31,
    protocol: 'TLSv1.3',
  });
  t.notOk('aborted' in (await logged()));
  t.notOk('cause' in (await logged()));
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  t.test(`D11 early bytes both ways, in one packet with the handshake (${version})`, async (t) => {
    const { proxy } = await startRawPair(
      t,
      async (connection) => {
        await connection.head();
        await connection.write(`HTTP/1.1 103 Early Hints\r\n\r\n${switched}\r\nfrom the upstream`);
        t.equal((await connection.until('client!')).toString(), 'from the client!');
        await connection.write('!');
      },
      { tls: { versions: [version] } },
    );
    const wire = await rawRequest(t, proxy.port, `${ask()}from the client`);
    t.match(await wire.head(), /^HTTP\/1\.1 103 /);
    t.match(await wire.head(), /^HTTP\/1\.1 101 /);
    await wire.until('from the upstream');
    await wire.write('!');
    await wire.until('!');
  });

  t.test(`D11 each side may end by itself (${version})`, async (t) => {
    const { up, proxy, logged } = await startRawPair(
      t,
      async (connection) => {
        await connection.head();
        await connection.write(`${switched}\r\n`);
      },
      { tls: { versions: [version] } },
    );
    const first = await rawRequest(t, proxy.port, ask());
    await first.head();
    const one = up.connections.at(0);
    first.end('last words');
    t.equal((await one.until('last words')).toString(), 'last words');
    t.equal(await one.ended, 'end');
    await one.write('answer');
    await first.until('answer');
    one.end('bye');
    await first.until('bye');
    t.equal(await first.ended, 'end');
    t.match(await logged(), { status: 101, bytesIn: 10, bytesOut: 9 });
    t.notOk('aborted' in (await logged()));

    const second = await rawRequest(t, proxy.port, ask());
    await second.head();
    const other = up.connections.at(1);
    other.end('bye');
    await second.until('bye');
    t.equal(await second.ended, 'end');
    await second.write('still here');
    await other.until('still here');
    second.end();
    t.equal(await other.ended, 'end');
    t.notOk('aborted' in (await logged(1)));
  });
}

t.test('D11 half close also over the connection that was made after a fallback', async (t) => {
  let text = '';
  const server = await startUpstream(t, {
    ...trusting,
    ...until12,
    upgrade: (request, socket) => {
      socket.write(`${switched}\r\n`);
      if (request.url === '/first') socket.end('bye');
      socket.on('data', (chunk) => (text += chunk));
      socket.on('end', () => socket.end(`all: ${text}`));
    },
    configure: (https) => https.on('secureConnection', (socket) => (socket.allowHalfOpen = true)),
  });
  const front = await startFront(t, { to: server, decide: without13('reset') });
  const { proxy, logged } = await join(t, front, { tls: { remember: 0 } });
  const wire = await rawRequest(t, proxy.port, ask());
  await wire.head();
  wire.end('something');
  t.equal((await wire.until('something')).toString(), 'all: something');
  t.equal(await wire.ended, 'end');
  t.match(await logged(), { status: 101, protocol: 'TLSv1.2' });

  const other = await rawRequest(t, proxy.port, ask('websocket', '', '/iot/first'));
  await other.until('bye');
  t.equal(await other.ended, 'end', 'the upstream ended first');
  text = '';
  other.end('something else');
  t.match(await logged(1), { status: 101, bytesIn: 14 });
  await server.connections.at(1).closed;
  t.equal(text, 'something else');
  t.match(proxy.log.all('fallback'), [{ to: /TLSv1/ }, {}], 'both were made after a fallback');
});

t.test('D11 D23/R4 any protocol, and of several those that are no HTTP', async (t) => {
  const { up, proxy } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nhi');
  });
  for (const [protocol, passed] of [
    ['SPDY/3.1', 'SPDY/3.1'],
    ['h2c, SPDY/3.1 , tcp', 'SPDY/3.1, tcp'],
    ['HTTP/2.0\r\nUpgrade: SPDY/3.1', 'SPDY/3.1'],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, ask(protocol));
    t.match(await wire.head(), /\r\nUpgrade: SPDY\/3\.1\r\n/);
    await wire.until('hi');
    t.equal(/\r\nUpgrade: (.*)\r\n/.exec(up.connections.at(-1).text())?.[1], passed);
  }
});

t.test('D11 D23/R a refusal is an answer like any other, and both connections go on', async (t) => {
  for (const refusal of [
    'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nno\r\n0\r\nX-T: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno',
    'HTTP/1.1 426 Upgrade Required\r\nUpgrade: other\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno',
  ]) {
    const { up, proxy, logged } = await startRawPair(t, answering(refusal));
    const wire = await rawRequest(t, proxy.port, ask());
    const end = refusal.includes('chunked') ? /2\r\nno\r\n0\r\nX-T: 1\r\n\r\n/ : 'no';
    t.match(await wire.head(), refusal.slice(0, 14));
    await wire.until(end);
    // Twelve times, because a listener left behind each time would be one too many.
    for (let n = 0; n < 12; n += 1) {
      await wire.write(ask());
      t.match(await wire.head(), refusal.slice(0, 14));
      await wire.until(end);
    }
    await wire.write(next);
    t.match(await wire.head(), refusal.slice(0, 14));
    t.equal(up.connections.length, 1);
    t.match(await logged(13), { path: '/iot/next', bytesOut: 2 });
    t.equal(proxy.log.other.join(''), '');
    t.equal((await proxy.stop()).stderr, '', 'nor does Node warn');
  }
});

t.test('D11 what came behind a refused upgrade is read as HTTP; `close` closes', async (t) => {
  const { up, proxy } = await startPair(t);
  const wire = await rawRequest(t, proxy.port, ask() + next + ask('websocket', 'Connection: close\r\n', '/iot/last'));
  for (const target of ['/chat?q=1', '/next', '/last']) await wire.until(`"target":"${target}"`);
  t.equal(await wire.ended, 'end');
  t.equal(up.connections.length, 1);
});

t.test('D11 a large refusal is sent to its end', async (t) => {
  const { proxy } = await startPair(t, { handler: (_request, response) => response.end(Buffer.alloc(4_000_000, 'x')) });
  const wire = await rawRequest(t, proxy.port, ask());
  wire.socket.pause();
  await new Promise((resolve) => setImmediate(resolve));
  wire.socket.resume();
  await wire.until((unread) => (unread.length > 4_000_000 ? unread.length : undefined));
  await wire.write(next);
  t.match(await wire.head(), /^HTTP\/1\.1 200 /, 'and the connection goes on');
});

t.test('D11 E1 E2 the guard and the routes hold for upgrades, and tell it as problems', async (t) => {
  const { up, proxy, logged } = await startPair(t);
  for (const [request, status] of [
    [ask().replace('localhost', 'evil.example'), 403],
    [ask('websocket', 'Origin: http://evil.example\r\n'), 403],
    [ask('websocket', '', '/nowhere'), 404],
    [ask().replace('Host: localhost\r\n', ''), 400],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, request);
    t.match(
      await wire.head(),
      new RegExp(`^HTTP/1\\.1 ${status} .*\r\nContent-Type: application/problem\\+json\r\n`, 's'),
    );
    t.match(JSON.parse((await wire.until('}\n')).toString()), { status });
    await wire.write(next);
    await wire.until('"target":"/next"');
  }
  t.same(
    up.requests.all().map(({ target }) => target),
    ['/next', '/next', '/next', '/next'],
  );
  t.match(await logged(), { status: 403, cause: 'guard' });
});

t.test('D11 D23/R2 a client that leaves before the 101 frees the upstream', async (t) => {
  const asked = new Journal<string>('request');
  const { up, proxy, logged } = await startRawPair(t, async (connection) => asked.push(await connection.head()));
  for (const [n, leave] of (['reset', 'end'] as const).entries()) {
    const wire = await rawRequest(t, proxy.port, `${ask()}early`);
    await asked.reach(n + 1);
    wire[leave]();
    await up.connections.at(n).ended;
    t.match(await logged(n), { status: 0, aborted: true, bytesIn: 0 });
  }
});

t.test('D11 a lost side ends the other', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(`${switched}\r\n`);
  });
  const reset = await rawRequest(t, proxy.port, ask());
  await reset.head();
  up.connections.at(0).reset();
  t.equal(await reset.ended, 'ECONNRESET');
  t.match(await logged(), { status: 101, aborted: true, cause: 'bad-response' });
  const left = await rawRequest(t, proxy.port, ask());
  await left.head();
  left.reset();
  await up.connections.at(1).ended;
  t.match(await logged(1), { status: 101, aborted: true });
  t.notOk('cause' in (await logged(1)));
});

t.test('D11 a silent tunnel ends after `timeouts.idle`, one that moves does not', async (t) => {
  const { up, proxy, logged } = await startRawPair(
    t,
    async (connection) => {
      await connection.head();
      await connection.write(`${switched}\r\n`);
      for (let n = 0; n < 6; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        await connection.write('.');
      }
    },
    { route: { timeouts: { idle: '2s' } } },
  );
  const wire = await rawRequest(t, proxy.port, ask());
  await wire.until('......');
  t.equal(await wire.ended, 'ECONNRESET');
  await up.connections.at(0).ended;
  t.match(await logged(), { status: 101, bytesOut: 6, cause: 'timeout', aborted: true });
});

t.test('D11 D13 over a connection that went stale it is asked for once more; a used one is not kept', async (t) => {
  const { up, proxy, url, logged } = await startRawPair(t, async (connection) => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    if ((await connection.head()).startsWith('GET /chat')) {
      await connection.write(`${switched}\r\nhi`);
      connection.end();
      return;
    }
    await connection.write(ok);
    await connection.head();
    connection.reset();
  });
  await send(url);
  const wire = await rawRequest(t, proxy.port, ask());
  await wire.until('hi');
  wire.end();
  t.match(await logged(1), { status: 101, replayed: true, reused: false });
  t.equal((await send(url)).text(), 'ok');
  t.equal(up.connections.length, 3);
});

t.test('D11 an upstream that cannot be had is told as for any request', async (t) => {
  const { up, proxy } = await startPair(t);
  await up.close();
  const wire = await rawRequest(t, proxy.port, ask());
  t.match(await wire.head(), /^HTTP\/1\.1 502 .*application\/problem\+json/s);
  t.match(JSON.parse((await wire.until('}\n')).toString()) as Problem, { cause: 'refused' });
});

t.test('E11 a tunnel counts as a running request', async (t) => {
  const { up, proxy } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(`${switched}\r\n`);
  });
  const wire = await rawRequest(t, proxy.port, ask());
  await wire.head();
  const exit = proxy.stop();
  t.match(await proxy.log.next('draining'), { inFlight: 1 });
  await wire.write('more');
  await up.connections.at(0).until('more');
  wire.end();
  up.connections.at(0).end();
  t.match(await exit, { code: 0 });
});

t.test('E11 past `drain` a tunnel is cut', async (t) => {
  const { up, proxy } = await startRawPair(
    t,
    async (connection) => {
      await connection.head();
      await connection.write(`${switched}\r\n`);
    },
    { config: { drain: '100ms' } },
  );
  const wire = await rawRequest(t, proxy.port, ask());
  await wire.head();
  t.match(await proxy.stop(), { code: 1 });
  await up.connections.at(0).ended;
  t.match(proxy.log.all('stopped'), [{ inFlight: 1 }]);
  t.match(proxy.log.all('request'), [{ status: 101, aborted: true }]);
});
