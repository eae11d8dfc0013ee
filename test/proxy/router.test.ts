import t from 'tap';
import type { Match } from '../../src/config/config.ts';
import { bySpecificity, findRoute, hostOf, leadsTo, readTarget, tellRoutes } from '../../src/proxy/router.ts';

function route(name: string, match: Match, stripPath = true, path = '/api') {
  const upstream = { hostname: 'device.test', port: 443, authority: 'device.test', path };
  return { settings: { name, match, stripPath, upstream } };
}

const listener = '127.0.0.1:8080';

function find(routes: readonly ReturnType<typeof route>[], target: string, host = 'localhost', by = listener) {
  const found = findRoute(bySpecificity(routes), { host, target, listener: by });
  return found && [found.route.settings.name, found.target];
}

t.test('the forms of a request target', async (t) => {
  t.same(readTarget('/a?b', 'Device.TEST:80'), { host: 'device.test', target: '/a?b' });
  t.same(readTarget('*', 'x'), { host: 'x', target: '*' });
  t.match(readTarget('http://a.test', 'x', 'OPTIONS'), { host: 'a.test', target: '*' });
  t.match(readTarget('http://a.test?b', 'x', 'OPTIONS'), { target: '/?b' });
  const absolute = (target: string) => readTarget(target, 'other');
  t.same(absolute('http://Device.test:81/a?b'), { host: 'device.test', authority: 'Device.test:81', target: '/a?b' });
  t.same(absolute('HTTP://device.test'), { host: 'device.test', authority: 'device.test', target: '/' });
  t.same(absolute('http://device.test?b'), { host: 'device.test', authority: 'device.test', target: '/?b' });
  t.same(absolute('http://[::1]:81/a'), { host: '::1', authority: '[::1]:81', target: '/a' });
  for (const target of [
    '',
    'a',
    'https://device.test/',
    'http://',
    'http:///a',
    'http://user@device.test/',
    'http://device.test/#a',
    'http://device.test /',
    'device.test:443',
  ]) {
    t.equal(absolute(target), undefined, target);
  }
});

t.test('the host of an authority', async (t) => {
  for (const [authority, host] of [
    ['localhost', 'localhost'],
    ['LOCALHOST:8080', 'localhost'],
    ['127.0.0.1:', '127.0.0.1'],
    ['[::1]', '::1'],
    ['[::1]:80', '::1'],
    ['::1', ''],
    ['a:b', ''],
    ['', ''],
  ] as const) {
    t.equal(hostOf(authority), host, authority);
  }
});

t.test('paths match by whole segments', async (t) => {
  const routes = [route('iot', { path: '/iot' })];
  t.same(find(routes, '/iot'), ['iot', '/api/']);
  t.same(find(routes, '/iot/'), ['iot', '/api/']);
  t.same(find(routes, '/iot/devices?x=/iot'), ['iot', '/api/devices?x=/iot']);
  t.same(find(routes, '/iot?x'), ['iot', '/api/?x']);
  t.same(find(routes, '/iot//a%2Fb'), ['iot', '/api//a%2Fb'], 'byte for byte');
  for (const target of ['/', '/io', '/iota', '/iot-x', '/IOT', '/%69ot/x', '//iot/x', '*']) {
    t.equal(find(routes, target), undefined, target);
  }
});

t.test('stripPath false and no path leave the target whole', async (t) => {
  t.same(find([route('a', { path: '/iot' }, false)], '/iot/x'), ['a', '/api/iot/x']);
  t.same(find([route('a', { path: '/' })], '/x?y'), ['a', '/api/x?y']);
  t.same(find([route('a', {}, true, '')], '/x'), ['a', '/x']);
  for (const match of [{}, { path: '/' }]) t.same(find([route('a', match)], '*'), ['a', '*']);
});

t.test('nothing escapes its prefix, however the upstream reads dots', async (t) => {
  const routes = [route('iot', { path: '/iot' }), route('rest', { path: '/other' })];
  for (const rest of [
    '/..',
    '/../x',
    '/a/../../x',
    '/./../x',
    '//../x',
    '/%2e%2e/x',
    '/%2E./x',
    '/.%2e/x',
    '/..%2fx',
    '/..%2Fx',
    '/a%2f..%2f../x',
    '/..%5cx',
    '/..\\x',
    '\\..\\x',
    '/..;/x',
    '/..;a=b/x',
    '/..%3bjsessionid=1/x',
    '/%2e%2e;/x',
    '/a/..;/..;/x',
  ]) {
    t.equal(find(routes, `/iot${rest}`), undefined, rest);
    t.equal(find([route('all', {})], rest.replaceAll('\\', '/')), undefined, 'nor the upstream’s own path');
  }
  for (const rest of [
    '/a/..',
    '/a/../b',
    '/a/%2e%2e/b',
    '/...',
    '/..a',
    '/.a;b',
    '/a;b/../c',
    '/.',
    '/a?x=/../..',
    '/%41',
    '/a?x=%2e%2e/..',
  ]) {
    t.same(find(routes, `/iot${rest}`), ['iot', `/api${rest}`], rest);
  }
});

t.test('the most specific wins: path, then host, then listener', async (t) => {
  const routes = [
    route('any', {}),
    route('listen', { listen: listener }),
    route('host', { host: 'device.test' }),
    route('host and listen', { host: 'device.test', listen: listener }),
    route('path', { path: '/a' }),
    route('longer', { path: '/a/b' }),
    route('path and host', { path: '/a', host: 'device.test' }),
  ];
  const name = (target: string, host: string, by: string) => find(routes, target, host, by)?.[0];
  t.equal(name('/x', 'other', 'unix:/x'), 'any');
  t.equal(name('/x', 'other', listener), 'listen');
  t.equal(name('/x', 'device.test', 'unix:/x'), 'host');
  t.equal(name('/x', 'device.test', listener), 'host and listen');
  t.equal(name('/a/x', 'other', listener), 'path');
  t.equal(name('/a/x', 'device.test', listener), 'path and host');
  t.equal(name('/a/b', 'device.test', listener), 'longer');
  t.equal(find([route('host', { host: 'device.test' })], '/', 'other'), undefined);
  t.equal(find([route('listen', { listen: listener })], '/', 'x', 'unix:/x'), undefined);
});

t.test('the hosts that a route leads to', async (t) => {
  t.ok(leadsTo(route('path', { path: '/a' }), 'device.test', listener), "its upstream's");
  t.notOk(leadsTo(route('path', { path: '/a' }), 'other.test', listener));
  t.ok(leadsTo(route('host', { host: 'other.test' }), 'other.test', listener));
  t.notOk(leadsTo(route('host', { host: 'other.test' }), 'device.test', listener), 'only the one it names');
  t.notOk(leadsTo(route('listen', { listen: 'unix:/x' }), 'device.test', listener));
  t.equal(
    tellRoutes([route('a', { path: '/a', host: 'x' }), route('b', { host: 'y' })]),
    'a (path /a, host x), b (host y)',
  );
});
