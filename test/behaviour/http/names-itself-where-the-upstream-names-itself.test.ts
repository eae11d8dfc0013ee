import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { join, pki, startPair, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { type Handler, startUpstream } from '../../fixtures/upstreams.ts';

/** Answers with the fields that the request's `X-Answer` lists as JSON, a flat array. */
const asked: Handler = (request, response) => {
  response.writeHead(302, JSON.parse(String(request.headers['x-answer'])));
  response.end();
};

/** A route at /iot to the base path /api, and what it makes of a field of the response. */
async function start(t: Scope, route: object = {}) {
  const up = await startUpstream(t, { ...trusting, handler: asked });
  const { url, proxy } = await join(t, { up, url: `${up.url}/api` }, { route });
  const field = async (name: string, value: string, options: { readonly target?: string } = {}) => {
    const reply = await send(`${url}/x`, { ...options, headers: { 'X-Answer': JSON.stringify([name, value]) } });
    return reply.headers[name.toLowerCase()];
  };
  return { up, url, proxy, field };
}

t.test('D2 Location, Content-Location and Refresh lead through the proxy', async (t) => {
  const { up, url, field } = await start(t);
  for (const name of ['Location', 'Content-Location']) {
    t.equal(await field(name, `${up.url}/api/y?q=%2F#z`), `${url}/y?q=%2F#z`);
    t.equal(await field(name, '/api/y'), '/iot/y');
  }
  t.equal(await field('Refresh', `5; url=${up.url}/api/y`), `5; url=${url}/y`);
  t.equal(await field('refresh', `0;URL='/api/y'`), `0;URL='/iot/y'`);
  t.equal(await field('Refresh', '5'), '5');
  t.equal(
    (await send(String(await field('Location', `${up.url}/api/again`)), { headers: { 'X-Answer': '[]' } })).status,
    302,
  );
  t.equal(up.requests.all().at(-1)?.target, '/api/again', 'and who follows arrives');
});

t.test('D2 relative, foreign and odd ones stay byte for byte', async (t) => {
  const { up, field } = await start(t);
  const foreign = [
    'y',
    '../y',
    '?q',
    '',
    'https://evil.test/api/y',
    '/elsewhere',
    `${up.url}/elsewhere`,
    `${up.url}@evil.test/`,
  ];
  for (const value of foreign) t.equal(await field('Location', value), value, value);
});

t.test('D2 off: everything stays', async (t) => {
  const { up, field } = await start(t, { rewrite: { location: false } });
  for (const value of [`${up.url}/api/y`, '/api/y']) t.equal(await field('Location', value), value);
  t.equal(await field('Refresh', `5; url=${up.url}/api/y`), `5; url=${up.url}/api/y`);
});

t.test('D2 D16 to a client that uses it as its proxy the same host is called by http', async (t) => {
  const up = await startUpstream(t, { ...trusting, handler: asked });
  const { proxy } = await join(t, up, { route: { match: { host: 'device.example.com' } } });
  const location = async (value: string) => {
    const target = 'http://device.example.com/x';
    const reply = await send(proxy.url, { target, headers: { 'X-Answer': JSON.stringify(['Location', value]) } });
    return reply.headers.location;
  };
  t.equal(await location('https://device.example.com/y?q'), 'http://device.example.com/y?q');
  t.equal(await location(`${up.url}/y`), 'http://device.example.com/y');
  t.equal(await location('http://device.example.com/y'), 'http://device.example.com/y');
  t.equal(await location('/y'), '/y');
  t.equal(await location('https://other.example.com/y'), 'https://other.example.com/y');
});

t.test('D2 another route’s upstream is that route', async (t) => {
  const up = await startUpstream(t, { ...trusting, handler: asked });
  const other = await startUpstream(t, trusting);
  const config = oneRoute(up.url) as { routes: object[] };
  config.routes.push({ ...config.routes[0], name: 'other', match: { path: '/other' }, upstream: `${other.url}/base` });
  const proxy = await runProxy(t, { config, files: pkiFiles(pki) });
  const headers = { 'X-Answer': JSON.stringify(['Location', `${other.url}/base/y`]) };
  const { location = '' } = (await send(`${proxy.url}/iot/x`, { headers })).headers;
  t.equal(location, `${proxy.url}/other/y`);
  t.equal((await send(location)).json()['target'], '/base/y');
});

t.test('D2 a client of HTTP/1.0 that names no host gets a path', async (t) => {
  const { up, proxy } = await startPair(t);
  up.handler = (_request, response) => response.writeHead(302, { Location: `${up.url}/y` }).end();
  const wire = await rawRequest(t, proxy.port, 'GET /iot/x HTTP/1.0\r\n\r\n');
  t.match(await wire.head(), /\r\nLocation: \/iot\/y\r\n/);
});
