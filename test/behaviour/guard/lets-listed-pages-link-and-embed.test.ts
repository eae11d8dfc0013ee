import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const origins = ['http://app.example:3000', 'https://app.example'];

// What a page embeds or links to, a browser sends without an Origin, but with a Referer, which a page can leave out, not forge.
t.test('E2 a GET or HEAD without Origin comes from the origin of its Referer', async (t) => {
  const { url, proxy } = await startPair(t, { config: { admin: '127.0.0.1:0', guard: { origins } } });
  const by = (referer: string) => ({ Referer: referer, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' });
  for (const origin of origins) {
    for (const referer of [origin, `${origin}/`, `${origin}/page?of=http://evil.example/#x`]) {
      for (const method of ['GET', 'HEAD']) {
        t.equal((await send(url, { method, headers: by(referer) })).status, 200, `${method} ${referer}`);
      }
      t.equal((await send(`${proxy.admin}/healthz`, { headers: by(referer) })).status, 200, referer);
    }
  }
});

t.test('E2 a Referer of another origin, or beside an Origin, or with another method, opens nothing', async (t) => {
  const { up, url } = await startPair(t, { config: { guard: { origins } } });
  const site = { 'Sec-Fetch-Site': 'cross-site' };
  const own = `${origins[0]}/`;
  for (const referer of [
    'http://app.example/',
    'http://app.example:30001/',
    'https://app.example.evil/',
    'https://app.example@evil.example/',
    'http://evil.example/https://app.example/',
    'null',
    '',
  ]) {
    t.equal((await send(url, { headers: { ...site, Referer: referer } })).status, 403, referer);
  }
  for (const origin of ['null', 'http://evil.example']) {
    t.equal((await send(url, { headers: { ...site, Referer: own, Origin: origin } })).status, 403, origin);
  }
  for (const method of ['POST', 'PUT', 'OPTIONS']) {
    t.equal((await send(url, { method, headers: { ...site, Referer: own } })).status, 403, method);
  }
  t.equal(up.accepted, 0);
});

t.test('programs may send any Referer', async (t) => {
  const { url } = await startPair(t, { config: { guard: { origins } } });
  t.equal((await send(url, { headers: { Referer: 'http://evil.example/' } })).status, 200);
});
