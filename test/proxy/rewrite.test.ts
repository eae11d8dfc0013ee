import type { IncomingMessage, ServerResponse } from 'node:http';
import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.ts';
import type { RouteSettings } from '../../src/config/config.ts';
import { rewriteRequest, rewriteResponse } from '../../src/proxy/rewrite.ts';
import { type LiveRoute, Task } from '../../src/proxy/task.ts';

/** A task on its way by a route at /iot to https://up/api. */
function start(more: Partial<RouteSettings> = {}, method = 'GET') {
  const settings = { ...routeTo('https://up/api'), match: { path: '/iot' }, ...more };
  const route = { settings } as unknown as LiveRoute;
  const request = { method, url: '/iot/x', headers: { host: 'localhost:8080' } };
  const task = new Task(request as unknown as IncomingMessage, {} as ServerResponse);
  task.route = route;
  task.routes = [route];
  return { task, route };
}

const rules = {
  request: { set: ['X-A', '1'], remove: ['x-b'] },
  response: { set: ['Location', '/fixed'], remove: ['x-c'] },
};

t.test('a request', async (t) => {
  const fields = () => ['cookie', 'Plain-__Host-a=1', 'X-B', '2', 'Max-Forwards', '3'];
  const { task, route } = start({ headers: rules }, 'OPTIONS');
  t.strictSame(rewriteRequest(fields(), task, route), ['cookie', '__Host-a=1', 'Max-Forwards', '2', 'X-A', '1']);
  const off = start({ rewrite: { location: true, cookies: false } });
  t.strictSame(rewriteRequest(fields(), off.task, off.route), fields());
});

t.test('a response', async (t) => {
  const fields = () => [
    'LOCATION',
    'https://up/api/y',
    'Content-location',
    '/api/z',
    'refresh',
    '1;url="/api/r"',
    'set-cookie',
    'a=1; Secure',
    'X-C',
    'https://up/api/y',
    'Locations',
    '/api/y',
  ];
  const { task, route } = start();
  t.strictSame(rewriteResponse(fields(), task, route), [
    'LOCATION',
    'http://localhost:8080/iot/y',
    'Content-location',
    '/iot/z',
    'refresh',
    '1;url="/iot/r"',
    'set-cookie',
    'a=1',
    'X-C',
    'https://up/api/y',
    'Locations',
    '/api/y',
  ]);
  for (const [location, cookies] of [
    [true, false],
    [false, true],
    [false, false],
  ] as const) {
    const some = start({ rewrite: { location, cookies } });
    const result = rewriteResponse(fields(), some.task, some.route);
    t.equal(result[1] !== fields()[1], location);
    t.equal(result[5] !== fields()[5], location);
    t.equal(result[7] !== fields()[7], cookies);
  }
  const ruled = start({ headers: rules });
  t.match(rewriteResponse(fields(), ruled.task, ruled.route).slice(0, 2), ['Location', '/fixed'], 'rules come last');
});

t.test('Refresh', async (t) => {
  const { task, route } = start();
  const become = (value: string) => rewriteResponse(['Refresh', value], task, route)[1];
  t.equal(become('0; URL = https://up/api/y'), '0; URL = http://localhost:8080/iot/y');
  t.equal(become(" 1.5 , url='/api/y' "), " 1.5 , url='/iot/y' ");
  for (const odd of ['5', '', '5; /api/y', 'url=/api/y', '5; url', `5; url="/api/y`, '5; url=https://evil.test/'])
    t.equal(become(odd), odd);
});
