import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import t from 'tap';
import { ProxyError } from '../../src/errors.ts';
import { digestOf, guard } from '../../src/proxy/guard.ts';

const hosts = new Set(['localhost', '::1', 'device.test']);

function ask(headers: IncomingHttpHeaders): string {
  try {
    guard({ headers } as IncomingMessage, { hosts });
    return 'may';
  } catch (error) {
    if (error instanceof ProxyError && error.code === 'guard' && error.source === 'downstream') return error.message;
    throw error;
  }
}

t.test('the Host', async (t) => {
  for (const host of ['localhost', 'LOCALHOST:8080', '[::1]:8080', 'device.test']) t.equal(ask({ host }), 'may', host);
  for (const host of ['evil.test', 'localhost.evil.test', '', '::1']) t.match(ask({ host }), /the Host "/, host);
  t.equal(ask({}), 'may', 'HTTP/1.0 has none');
});

t.test('a listener exposed on purpose takes any', async (t) => {
  t.doesNotThrow(() => guard({ headers: { host: 'evil.test' } } as IncomingMessage, { hosts: undefined }));
});

t.test('the Origin', async (t) => {
  const host = 'localhost:8080';
  t.equal(ask({ host, origin: 'http://localhost:8080' }), 'may');
  for (const origin of ['http://localhost', 'https://localhost:8080', 'http://evil.test', 'null', '']) {
    t.match(ask({ host, origin }), /another origin/, origin);
  }
  t.match(ask({ origin: 'http://undefined' }), /another origin/);
});

t.test('Sec-Fetch-Site', async (t) => {
  const by = (site: string) => ask({ host: 'localhost', 'sec-fetch-site': site });
  for (const site of ['same-origin', 'none']) t.equal(by(site), 'may');
  for (const site of ['cross-site', 'same-site', 'anything']) t.match(by(site), /pages of other origins/);
});

t.test('origins that are listed', async (t) => {
  const origins = new Set(['https://app.example']);
  const by = (headers: IncomingHttpHeaders) =>
    guard({ headers: { host: 'localhost', ...headers } } as IncomingMessage, { hosts, origins });
  t.doesNotThrow(() => by({ origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }));
  t.throws(() => by({ origin: 'https://app.example.evil', 'sec-fetch-site': 'cross-site' }), /`guard\.origins`/);
  t.throws(() => by({ 'sec-fetch-site': 'cross-site' }), /`guard\.origins`/, 'a navigation says no origin');
});

t.test('the token', async (t) => {
  const by = (authorization?: string) =>
    guard({ headers: { host: 'localhost', 'proxy-authorization': authorization } } as IncomingMessage, {
      hosts,
      token: digestOf('tok'),
    });
  for (const right of ['Bearer tok', 'bearer  tok ', 'BEARER tok']) t.doesNotThrow(() => by(right), right);
  for (const wrong of ['', 'Bearer', 'Bearer ', 'Bearer to', 'Bearer toke', 'Bearer tok tok', 'Basic tok', 'tok']) {
    t.throws(() => by(wrong), { code: 'guard', status: 407, message: /not the right one/ }, JSON.stringify(wrong));
  }
  t.throws(() => by(), { status: 407, message: /no token.*`guard\.token`/ });
});
