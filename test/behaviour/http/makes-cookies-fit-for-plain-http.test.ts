import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { join, trusting } from '../../fixtures/pair.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

/** A route at /iot to the base path /api, and the Set-Cookie fields a client gets for those of the upstream. */
async function start(t: Scope, route: object = {}) {
  let cookies: readonly string[] = [];
  const handler = (_request: unknown, response: import('node:http').ServerResponse) => {
    response.writeHead(200, [...cookies.flatMap((cookie) => ['set-cookie', cookie]), 'X-End', 'y']);
    response.end();
  };
  const up = await startUpstream(t, { ...trusting, handler });
  const { url, proxy } = await join(t, { up, url: `${up.url}/api` }, { route });
  const given = async (list: readonly string[], to = `${url}/login`) => {
    cookies = list;
    return (await send(to)).headers['set-cookie'];
  };
  return { up, url, proxy, given };
}

t.test('D2 Set-Cookie loses what a client without TLS refuses; fields stay apart and in order', async (t) => {
  const { given } = await start(t);
  t.same(
    await given([
      'a=1; Secure; HttpOnly; Path=/api',
      'b="2";  Max-Age=5 ;secure;SameSite=None',
      'c=3; Domain=device.example.com; Path=/; SameSite=Lax',
      'd=4; Domain=127.0.0.1; Expires=Wed, 21 Oct 2099 07:28:00 GMT',
      '__Host-e=5; Secure; Path=/; Partitioned',
    ]),
    [
      'a=1; HttpOnly; Path=/iot',
      'b="2";  Max-Age=5',
      'c=3; Path=/iot; SameSite=Lax',
      'd=4; Domain=127.0.0.1; Expires=Wed, 21 Oct 2099 07:28:00 GMT',
      'Plain-__Host-e=5; Path=/iot',
    ],
  );
});

t.test('D2 a cookie without a Path does not reach other routes', async (t) => {
  const { given, url } = await start(t);
  t.same(await given(['a=1'], url), ['a=1; Path=/iot']);
  t.same(await given(['a=1'], `${url}/x`), ['a=1']);
});

t.test('D2 the upstream gets its own names back', async (t) => {
  const { up, url } = await start(t);
  await send(url, { headers: ['Cookie', 'a=1; Plain-__Host-e=5', 'cookie', 'Plain-__Secure-f=6'] });
  t.same(up.requests.at(0).values('cookie'), ['a=1; __Host-e=5', '__Secure-f=6']);
});

t.test('D2 off: everything stays, both ways', async (t) => {
  const { up, url, given } = await start(t, { rewrite: { cookies: false } });
  const cookies = ['a=1; Secure; Domain=device.example.com; Path=/api', '__Host-b=2; Secure; Path=/; SameSite=None'];
  t.same(await given(cookies, url), cookies);
  await send(url, { headers: { Cookie: 'Plain-__Host-b=2' } });
  t.same(up.requests.at(1).values('cookie'), ['Plain-__Host-b=2']);
});
