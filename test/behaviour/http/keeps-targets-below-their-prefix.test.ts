import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { pki, startPair, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

async function statusOf(t: Parameters<typeof rawRequest>[0], port: number, target: string): Promise<string> {
  const wire = await rawRequest(t, port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  return (await wire.head()).slice(9, 12);
}

t.test('D17 path and query go on as they were sent', async (t) => {
  const { up, proxy } = await startPair(t);
  const rests = [
    '/a%2Fb',
    '/a%2fb%2F%2f',
    '/a//b//',
    '//a',
    '/a/./b/../c',
    '/a/%2e%2E/c',
    '/a/..%2fc',
    '/a?',
    '?',
    '/a?x=/../../y&z=%2e%2e',
    '/a?q=a?b',
    '/%E2%82%AC/%e2%82%ac',
    '/a;b=c/d',
    '/a\\b',
    '/"<>^`{|}',
    '/%',
    '/%zz',
    '/a:b@c',
  ];
  for (const [n, rest] of rests.entries()) {
    t.equal(await statusOf(t, proxy.port, `/iot${rest}`), '200', rest);
    t.equal(up.requests.at(n)?.target, rest.startsWith('/') ? rest : `/${rest}`, rest);
  }
});

t.test('D17 nobody walks from one route to another, or out of the upstream’s base path', async (t) => {
  const up = await startUpstream(t, trusting);
  const config = oneRoute(`${up.url}/base`) as { routes: object[] };
  config.routes.push({ ...config.routes[0], name: 'admin', match: { path: '/admin' }, upstream: `${up.url}/secret` });
  const proxy = await runProxy(t, { config, files: pkiFiles(pki) });
  const ways = [
    '/iot/../admin',
    '/iot/..',
    '/iot/.././admin',
    '/iot//../admin',
    '/iot/a/../../admin',
    '/iot/%2e%2e/admin',
    '/iot/.%2E/admin',
    '/iot%2f..%2fadmin',
    '/iot/..%2fadmin',
    '/iot/..%5cadmin',
    '/iot/..\\admin',
    '/iot\\..\\admin',
    '/iot/..;/admin',
    '/iot/..;a=b/admin',
    '/iot/..%3b/admin',
    '/iotadmin',
    '/iot%20',
    '/IOT/x',
    '/%69ot/x',
    '/../iot/x',
    '/./iot/x',
    '//iot/x',
    'http://localhost/iot/../admin',
  ];
  for (const way of ways) t.equal(await statusOf(t, proxy.port, way), '404', way);
  t.equal(up.accepted, 0, 'nothing left the machine');
  t.equal(await statusOf(t, proxy.port, '/iot/a/../b'), '200');
  t.equal(up.requests.at(0)?.target, '/base/a/../b', 'what stays below the prefix is the upstream’s to read');
});
