import t from 'tap';
import { startConnectProxy } from '../../fixtures/connect-proxy.ts';
import { ask, scene, tell } from '../../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const pki = await makePki();
const trusting = { cert: pki.server.chain, key: pki.server.key, ca: pki.ca.cert };

t.test('D26 a request goes through the tunnel, and the next one through the same', async (t) => {
  const egress = await startConnectProxy(t);
  const { front, proxy, up, ask } = await scene(t, { pki, decide: () => 'pass', route: { via: egress.url } });
  const { reply, line } = await ask({ method: 'POST', body: 'hello' });
  t.equal(reply.status, 200);
  t.match(reply.json(), { client: 'client', method: 'POST', target: '/x', protocol: 'TLSv1.3' });
  t.match(line, { status: 200, protocol: 'TLSv1.3', attempts: 1 });
  t.match((await ask()).line, { status: 200, reused: true });
  t.equal(egress.accepted, 1);
  const { head, early } = egress.requests.at(0);
  const authority = `localhost:${front.port}`;
  t.equal(head, `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, 'nothing else is told to the proxy');
  t.equal(early.length, 0, 'no byte before the tunnel stands');
  t.match(proxy.log.all('handshake'), [{ upstream: authority, attempts: [{ outcome: 'ok' }] }]);
  t.equal(up.requests.length, 2);
});

t.test('D26 names are resolved by the proxy alone, and IPv6 addresses stand in brackets', async (t) => {
  const up = await startUpstream(t, trusting);
  const egress = await startConnectProxy(t, { to: up });
  for (const [host, authority] of [
    ['only-there.test', 'only-there.test:443'],
    ['Bücher.test:8743', 'xn--bcher-kva.test:8743'],
    ['[2001:DB8::1]', '[2001:db8::1]:443'],
  ] as const) {
    const config = oneRoute(`https://${host}`, { servername: 'localhost' }, { via: egress.url });
    const { reply } = await ask(await runProxy(t, { config, files: pkiFiles(pki) }));
    t.equal(reply.status, 200, host);
    t.equal(egress.requests.at(-1).target, authority);
  }
});

t.test('D26 the proxy’s reply may come in any pieces', async (t) => {
  const egress = await startConnectProxy(t);
  const { ask } = await scene(t, {
    pki,
    decide: () => 'pass',
    route: { via: egress.url, pool: { keepAlive: false } },
  });
  const replies = {
    'single bytes': [...'HTTP/1.1 200 Connection established\r\nVia: 1.1 egress\r\n\r\n'],
    'HTTP/1.0 without a reason': ['HTTP/1.0 200\r\n\r\n'],
    'interim responses first': [
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n',
      '\r\n',
    ],
    'a length that means nothing': ['HTTP/1.1 200 OK\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n'],
    'another 2xx': ['HTTP/1.1 204 No Content\r\n\r\n'],
  };
  for (const [name, parts] of Object.entries(replies)) {
    egress.decide = () => ({ tunnel: parts });
    const { reply, line } = await ask({ method: 'POST', body: 'x'.repeat(100_000) });
    t.equal(reply.status, 200, name);
    t.match(reply.json(), { bytes: 100_000 });
    t.equal(line.reused, false);
  }
});

t.test('D26 credentials, from the URL or beside it', async (t) => {
  const up = await startUpstream(t, trusting);
  const egress = await startConnectProxy(t, {
    decide: ({ credentials }) =>
      credentials === 'Jörg:p@ss word' ? 'tunnel' : { answer: 'HTTP/1.1 407 Auth\r\n\r\n', end: 'close' },
  });
  const host = egress.url.slice('http://'.length);
  for (const via of [
    `http://J%C3%B6rg:p%40ss%20word@${host}`,
    { url: egress.url, username: 'Jörg', password: { env: 'EGRESS_PASSWORD' } },
    { url: egress.url, username: 'Jörg', password: { file: 'egress.secret' } },
  ]) {
    const proxy = await runProxy(t, {
      config: oneRoute(up.url, {}, { via }),
      files: { ...pkiFiles(pki), 'egress.secret': 'p@ss word\n' },
      env: { EGRESS_PASSWORD: 'p@ss word' },
    });
    const { reply } = await ask(proxy);
    t.equal(reply.status, 200, JSON.stringify(via));
    t.notMatch(JSON.stringify(up.requests.at(-1).rawHeaders), /proxy-authorization/i, 'the upstream hears none of it');
  }
});

t.test('D26 `via` of the defaults, another one of a route, and none', async (t) => {
  const up = await startUpstream(t, trusting);
  const [general, special] = [await startConnectProxy(t), await startConnectProxy(t)];
  const route = (name: string, more: object) => ({ name, match: { path: `/${name}` }, upstream: up.url, ...more });
  const proxy = await runProxy(t, {
    config: {
      listen: '127.0.0.1:0',
      defaults: { via: general.url, tls: { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' } },
      routes: [route('a', {}), route('b', { via: special.url }), route('c', { via: 'none' })],
    },
    files: pkiFiles(pki),
  });
  for (const path of ['/a', '/b', '/c']) t.equal((await ask(proxy, { path })).reply.status, 200);
  t.same([general.accepted, special.accepted, up.accepted], [1, 1, 3]);
});

t.test('D26 the variables of other programs are not read', async (t) => {
  const egress = await startConnectProxy(t);
  const up = await startUpstream(t, trusting);
  const env = { HTTPS_PROXY: egress.url, https_proxy: egress.url, ALL_PROXY: egress.url, NODE_USE_ENV_PROXY: '1' };
  const proxy = await runProxy(t, { config: oneRoute(up.url), files: pkiFiles(pki), env });
  const { reply } = await ask(proxy);
  t.equal(reply.status, 200);
  t.equal(egress.accepted, 0);
  t.same(tell(proxy.log.all('handshake')[0]?.attempts).length, 1);
});
