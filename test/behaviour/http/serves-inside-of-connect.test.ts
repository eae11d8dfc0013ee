import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { join, type PairOptions, type Problem, startPair, startRawPair, trusting } from '../../fixtures/pair.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { startUpstream, type UpstreamOptions } from '../../fixtures/upstreams.ts';
import type { Wire } from '../../fixtures/wire.ts';

const opened = 'HTTP/1.1 200 Connection Established\r\n\r\n';
const get = (host: string, path = '/x', more = '') => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;

/** The command with a route by host, one by another host, and one by path. */
async function start(t: Scope, options: Partial<UpstreamOptions> = {}, config: PairOptions['config'] = {}) {
  const up = await startUpstream(t, { ...trusting, ...options });
  const tls = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };
  const routes = [
    { name: 'device', match: { host: 'device.test' }, upstream: `${up.url}/device`, tls },
    { name: 'other', match: { host: 'other.test' }, upstream: `${up.url}/other`, tls },
    { name: 'iot', match: { path: '/iot' }, upstream: `${up.url}/iot`, tls },
  ];
  return join(t, up, { config: { routes, ...config } });
}

async function problem(wire: Wire): Promise<Problem> {
  await wire.head();
  return JSON.parse((await wire.until('}\n')).toString());
}

t.test('D16 CONNECT to a host that a route has: what follows is served as if it came directly', async (t) => {
  const { up, proxy, logged } = await start(t);
  const wire = await rawRequest(t, proxy.port, 'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n');
  t.equal(await wire.head(), opened);
  for (const request of [
    get('device.test'),
    get('DEVICE.test:80'),
    get('anything.test', 'http://device.test:80/x'),
    'GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  ]) {
    await wire.write(request);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    await wire.until('"target":"/device/x"');
    await wire.until('}');
  }
  t.same(up.requests.at(0).values('x-forwarded-host'), ['device.test:80'], 'the host of the CONNECT');
  t.equal(up.connections.length, 1);
  t.match(await logged(), { method: 'GET', route: 'device', status: 200 });
  t.notOk(
    proxy.log.all('request').some(({ method }) => method === 'CONNECT'),
    'it is not over yet',
  );
  const inside = wire.bytes().length - opened.length;
  wire.end();
  const line = await proxy.log.next(({ method }) => method === 'CONNECT');
  t.match(line, { msg: 'request', level: 30, path: 'device.test:80', status: 200, bytesOut: inside });
  t.ok((line.bytesIn ?? 0) > 150);
  t.notOk('cause' in line || 'aborted' in line);
});

t.test('D16 what comes in one packet with the CONNECT is not lost; pipelining holds inside', async (t) => {
  const { proxy } = await start(t);
  const wire = await rawRequest(
    t,
    proxy.port,
    `${get('localhost', '/iot/0')}CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n${get('device.test', '/1')}${get('device.test', '/2', 'Connection: close\r\n')}`,
  );
  await wire.until('"target":"/iot/0"');
  await wire.until(opened);
  await wire.until('"target":"/device/1"');
  await wire.until('"target":"/device/2"');
  t.equal(await wire.ended, 'end');
});

t.test("D16 CONNECT to an upstream's name, where a route without a host leads to it, at any port", async (t) => {
  const { proxy } = await start(t);
  for (const authority of ['127.0.0.1:80', '127.0.0.1:8743']) {
    const wire = await rawRequest(
      t,
      proxy.port,
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n${get(authority, '/iot/x')}`,
    );
    t.match(
      (await wire.until('"target":"/iot/x"')).toString(),
      /^HTTP\/1\.1 200 .*\r\n\r\nHTTP\/1\.1 200 /s,
      authority,
    );
  }
});

t.test('D16 CONNECT to a stranger is 403, names the routes, and reaches nobody', async (t) => {
  const { up, proxy, logged } = await start(t);
  for (const [authority, status] of [
    ['stranger.test:80', 403],
    ['device.test.evil:443', 403],
    ['10.0.0.1:80', 403],
    ['[::2]:80', 403],
    ['device.test', 400],
    ['device.test:http', 400],
    ['device.test:', 400],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    const document = await problem(wire);
    t.equal(document.status, status, authority);
    if (status === 403) {
      t.match(document, {
        cause: 'guard',
        detail: /there are: iot \(path \/iot\), device \(host device\.test\), other/,
      });
      t.match(wire.text(), /\r\nProxy-Status: mtls-proxy; error=http_request_denied; /);
    }
    t.equal(await wire.ended, 'end', 'what a client sends behind it may not be its own words (RFC 9931 section 7)');
  }
  t.equal(up.connections.length, 0);
  t.match(await logged(), { method: 'CONNECT', path: 'stranger.test:80', status: 403, cause: 'guard' });
});

t.test('D16 E1 E2 nobody leaves a tunnel, or gets around the guard by it', async (t) => {
  const { up, proxy } = await start(t);
  for (const request of [
    get('other.test'),
    get('localhost', '/iot/x'),
    get('evil.example'),
    get('device.test', 'http://other.test/x'),
    get('device.test', '/x', 'Origin: http://evil.example\r\n'),
    get('device.test', '/x', 'Sec-Fetch-Site: cross-site\r\n'),
    'CONNECT other.test:80 HTTP/1.1\r\nHost: other.test:80\r\n\r\n',
    'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n',
    get('other.test', '/x', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'),
  ]) {
    const wire = await rawRequest(
      t,
      proxy.port,
      `CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n${request}`,
    );
    t.equal(await wire.head(), opened);
    t.match(await problem(wire), { status: 403, cause: 'guard' }, request);
  }
  const foreign = 'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\nOrigin: http://evil.example\r\n\r\n';
  t.match(await problem(await rawRequest(t, proxy.port, foreign)), { status: 403, cause: 'guard' });
  t.equal(up.accepted, 0);
});

t.test('D16 a WebSocket inside of CONNECT', async (t) => {
  const { up, proxy, logged } = await start(t, {
    upgrade: (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.pipe(socket);
    },
  });
  const wire = await rawRequest(t, proxy.port, 'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n');
  await wire.head();
  await wire.write(get('device.test', '/chat', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
  t.match(await wire.head(), /^HTTP\/1\.1 101 /);
  await wire.write('ping');
  await wire.until('ping');
  t.equal(up.requests.at(0).target, '/device/chat');
  wire.end();
  const lines = [await logged(), await logged(1)];
  t.match(
    lines.find(({ method }) => method === 'GET'),
    { status: 101, bytesIn: 4, bytesOut: 4 },
  );
  t.match(
    lines.find(({ method }) => method === 'CONNECT'),
    { status: 200 },
  );
});

t.test('D16 TLS inside is closed, and the log says why', async (t) => {
  const { up, proxy, logged } = await start(t);
  const hello = Buffer.from('16030100050100000100', 'hex');
  for (const [n, early] of [true, false].entries()) {
    const request = Buffer.from('CONNECT device.test:443 HTTP/1.1\r\nHost: device.test:443\r\n\r\n');
    const wire = await rawRequest(t, proxy.port, early ? Buffer.concat([request, hello]) : request);
    t.equal(await wire.head(), opened);
    if (!early) await wire.write(hello);
    await wire.ended;
    t.equal(wire.text(), opened);
    t.match(await logged(n), {
      method: 'CONNECT',
      path: 'device.test:443',
      status: 200,
      cause: 'bad-request',
      detail: /TLS inside of CONNECT device\.test:443.* http:\/\//,
    });
  }
  const connect = 'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n';
  const garbage = await rawRequest(t, proxy.port, `${connect}Content-Length: 0\r\n\r\n\0nonsense`);
  t.equal(await garbage.head(), opened);
  t.match(await garbage.head(), /^HTTP\/1\.1 400 /, 'other nonsense is answered');
  for (const fields of ['Content-Length: 9\r\n', 'Transfer-Encoding: chunked\r\n']) {
    const framed = await rawRequest(t, proxy.port, `${connect}${fields}\r\n\0nonsense`);
    t.match(await framed.head(), /^HTTP\/1\.1 400 /, 'a CONNECT has no body, and others may think that this one has');
    t.equal(await framed.ended, 'end');
  }
  t.equal(up.accepted, 0);
});

t.test('D16 E11 an idle tunnel does not hold up the end; a request inside does', async (t) => {
  let end = (): void => undefined;
  const { up, proxy } = await start(t, {
    handler: (_request, response) => {
      end = () => response.end('late');
    },
  });
  const idle = await rawRequest(t, proxy.port, 'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n');
  await idle.head();
  const busy = await rawRequest(
    t,
    proxy.port,
    `CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n${get('device.test')}`,
  );
  await up.requests.first();
  const exit = proxy.stop();
  await idle.ended;
  end();
  await busy.until('late');
  t.match(await exit, { code: 0 });
});

t.test('D16 the connections of tunnels count for `limits.connections`', async (t) => {
  const { proxy } = await start(t, {}, { limits: { connections: 1 } });
  const wire = await rawRequest(t, proxy.port, 'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n');
  await wire.head();
  const other = await rawRequest(t, proxy.port, get('localhost', '/iot/x'));
  t.match(await other.head(), /^HTTP\/1\.1 503 /);
});

t.test('D16 absolute form and `OPTIONS *` go by the host', async (t) => {
  const { up, proxy } = await start(t);
  for (const [request, target] of [
    [get('ignored.test', 'http://device.test/a?b'), '/device/a?b'],
    [get('ignored.test', 'HTTP://other.test:81'), '/other/'],
    ['OPTIONS * HTTP/1.1\r\nHost: device.test\r\n\r\n', '*'],
    // RFC 9112 section 3.2.4: who asks a proxy for `*` of a host names the host alone.
    ['OPTIONS http://device.test HTTP/1.1\r\nHost: device.test\r\n\r\n', '*'],
    ['OPTIONS http://device.test/ HTTP/1.1\r\nHost: device.test\r\n\r\n', '/device/'],
    ['OPTIONS http://device.test?a HTTP/1.1\r\nHost: device.test\r\n\r\n', '/device/?a'],
  ] as const) {
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), /^HTTP\/1\.1 200 /);
    t.equal(up.requests.at(-1).target, target);
  }
  t.same(up.requests.at(0).values('host'), [up.url.slice(8)]);
  const wire = await rawRequest(t, proxy.port, 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n');
  t.match(await problem(wire), { status: 404, cause: 'no-route' }, 'no route takes the whole of localhost');
});

t.test('D16 an upstream without a route for its name is no way around the routes', async (t) => {
  const { proxy } = await startRawPair(t, () => undefined, { route: { match: { host: 'device.test' } } });
  const wire = await rawRequest(t, proxy.port, 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n');
  t.match(await problem(wire), { status: 403 });
});

t.test('E9 the token is asked for by the CONNECT, and not again inside', async (t) => {
  const { up, proxy } = await startPair(t, {
    config: { guard: { token: 'tok' } },
    route: { match: { host: 'device.test' } },
  });
  const connect = 'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n';
  const refused = await rawRequest(t, proxy.port, `${connect}\r\n`);
  t.match(await refused.head(), /^HTTP\/1\.1 407 .*\r\nProxy-Authenticate: Bearer /s);
  const wire = await rawRequest(t, proxy.port, `${connect}Proxy-Authorization: Bearer tok\r\n\r\n`);
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  await wire.write(get('device.test', '/iot/x'));
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  t.equal(up.requests.length, 1);
});
