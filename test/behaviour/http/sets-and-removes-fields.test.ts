import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { answering, startPair, startRawPair } from '../../fixtures/pair.ts';

t.test('D19 rules of a route change what the upstream gets', async (t) => {
  const { up, proxy, url } = await startPair(t, {
    config: { defaults: { headers: { request: { set: { 'X-Tenant': 'all', 'X-Zone': 'eu' } } } } },
    route: {
      headers: {
        request: {
          set: { 'X-API-Key': { file: 'ca.pem.name' }, 'x-tenant': 'one' },
          remove: ['x-forwarded-HOST', 'Cookie'],
        },
      },
    },
    files: { 'ca.pem.name': 'hunter2\n' },
  });
  await send(url, {
    headers: ['x-api-key', 'mine', 'A', 'b', 'Cookie', 'a=1', 'X-Api-Key', 'again', 'X-Forwarded-Host', 'h'],
  });
  const request = up.requests.at(0);
  t.same(request.values('x-api-key'), ['hunter2']);
  t.same(request.values('x-tenant'), ['one']);
  t.same(request.values('x-zone'), ['eu']);
  t.same(request.values('cookie'), []);
  t.same(request.values('x-forwarded-host'), []);
  t.same(request.values('x-forwarded-proto'), ['http'], 'others stay');
  t.ok(request.rawHeaders.indexOf('X-API-Key') < request.rawHeaders.indexOf('A'), 'in the place of the first');
  t.notMatch((await proxy.stop()).stdout, 'hunter2');
});

t.test('D19 and what the client gets', async (t) => {
  const { url } = await startRawPair(
    t,
    answering('HTTP/1.1 200 OK\r\nserver: x\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a=1\r\nContent-Length: 2\r\n\r\nok'),
    { route: { headers: { response: { set: { 'X-A': '3', 'X-New': '' }, remove: ['Server', 'via'] } } } },
  );
  const { rawHeaders, headers } = await send(url);
  t.same(rawHeaders.slice(0, 2), ['X-A', '3']);
  t.match(headers, { 'x-a': '3', 'x-new': '', 'set-cookie': ['a=1'], 'content-length': '2' });
  t.notOk('server' in headers || 'via' in headers);
});

t.test('D9 what a rule takes away does not come in as a trailer', async (t) => {
  const rules = { set: { 'X-Set': 'yes' }, remove: ['X-Gone'] };
  const { up, proxy } = await startPair(t, {
    route: { headers: { request: rules, response: rules } },
    handler: async (request, response, { finished }) => {
      request.resume();
      await finished;
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('ok');
      response.addTrailers({ 'X-Sum': '1', 'X-Gone': '2', 'X-Set': 'no' });
      response.end();
    },
  });
  const head = 'POST /iot/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, `${head}2\r\nok\r\n0\r\nX-Gone: 1\r\nx-set: 2\r\nX-Sum: 3\r\n\r\n`);
  await wire.head();
  await wire.until('\r\n0\r\n');
  t.equal(await wire.head(), 'X-Sum: 1\r\n\r\n');
  t.same(up.requests.at(0).rawTrailers, ['X-Sum', '3']);
});
