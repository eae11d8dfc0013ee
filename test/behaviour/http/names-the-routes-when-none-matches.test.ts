import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { type Problem, pki, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

t.test('a request that matches no route is 404 with the routes, and never leaves the machine', async (t) => {
  const up = await startUpstream(t, trusting);
  const tls = { ca: 'ca.pem', cert: 'client.crt', key: 'client.key' };
  const proxy = await runProxy(t, {
    config: {
      listen: '127.0.0.1:0',
      routes: [
        { name: 'iot', match: { path: '/iot' }, upstream: up.url, tls },
        { name: 'iot-new', match: { path: '/iot/v2' }, upstream: `${up.url}/new`, tls },
        { name: 'far', match: { path: '/far' }, upstream: 'https://device.test:8743', tls },
        { name: 'shop', match: { host: 'shop.test' }, upstream: `${up.url}/shop`, tls },
      ],
    },
    files: pkiFiles(pki),
  });
  const reply = await send(`${proxy.url}/other?secret=1`);
  t.equal(reply.status, 404);
  const { cause, detail, route, upstream } = reply.json<Problem>();
  t.same([cause, route, upstream], ['no-route', undefined, undefined]);
  for (const name of ['iot (path /iot)', 'iot-new (path /iot/v2)', 'shop (host shop.test)']) t.match(detail, name);
  t.equal(up.accepted, 0);
  t.notMatch(detail, 'HTTP proxy');
  t.match(await proxy.log.next('request'), { status: 404, cause: 'no-route', path: '/other', method: 'GET' });

  const proxied = async (host: string): Promise<string> => {
    const answer = await send(proxy.url, { target: `http://${host}/x`, headers: ['Host', host] });
    t.equal(answer.status, 404);
    return answer.json<Problem>().detail;
  };
  t.match(await proxied('device.test'), 'needs a route with `match: { host: device.test }`', 'by http_proxy');
  t.notMatch(await proxied(new URL(up.url).hostname), 'HTTP proxy', 'such a route would take every mistaken path');

  t.equal((await send(`${proxy.url}/iot/v2/a`)).json()['target'], '/new/a', 'the longest path wins');
  t.equal((await send(`${proxy.url}/iot/v3`)).json()['target'], '/v3');
  t.equal((await send(proxy.url, { headers: ['Host', 'SHOP.test:80'] })).json()['target'], '/shop/');
  t.equal(
    (await send(proxy.url, { target: 'http://shop.test/a?b', headers: ['Host', 'shop.test'] })).json()['target'],
    '/shop/a?b',
  );
});
