import t from 'tap';
import { loadText, withRoute } from './load-text.ts';

t.test('rules of both directions, as written', async (t) => {
  const { config, lines } = loadText(
    t,
    withRoute(
      'headers:',
      '  request: { set: { X-A: " 1 ", x-b: "", X-C: "${C}" }, remove: [X-D, x-E] }',
      '  response: { set: { Cache-Control: no-store }, remove: [Server, Via] }',
    ),
    { C: 'from outside' },
  );
  t.same(lines, []);
  t.same(config?.routes[0]?.headers, {
    request: { set: ['X-A', '1', 'x-b', '', 'X-C', 'from outside'], remove: ['x-d', 'x-e'] },
    response: { set: ['Cache-Control', 'no-store'], remove: ['server', 'via'] },
  });
});

t.test('a route adds to defaults field by field, and wins over them', async (t) => {
  const of = (defaults: string, route: string) =>
    loadText(t, `defaults: { headers: { request: ${defaults} } }\n${withRoute(`headers: { request: ${route} }`)}`)
      .config?.routes[0]?.headers.request;
  t.same(of('{ set: { X-A: 1, X-B: 2 } }', '{ set: { x-a: 3, X-C: 4 } }'), {
    set: ['X-B', '2', 'x-a', '3', 'X-C', '4'],
    remove: [],
  });
  t.same(of('{ set: { X-A: 1 }, remove: [X-B] }', '{ remove: [x-a] }'), { set: [], remove: ['x-a'] });
  t.same(of('{ remove: [X-A, X-B] }', '{ set: { X-A: 1 } }'), { set: ['X-A', '1'], remove: ['x-b'] });
  t.same(of('{ remove: [X-A] }', '{ remove: [] }'), { set: [], remove: [] });
});

t.test('names and values are checked where they stand', async (t) => {
  const { lines } = loadText(
    t,
    withRoute(
      'headers:',
      '  request:',
      '    set:',
      '      "X A": 1',
      '      X-B: "a\\r\\nHost: evil"',
      '      X-C: "a\\0"',
      '      X-D: é',
      '      X-E: [1]',
      '    remove: ["X:", X-Ok]',
    ),
  );
  t.match(lines, [
    /^9:11: each key of "set" must be a field's name/,
    /^10:16: "X-B" must be a text in one line, not what is written: a line break or NUL/,
    /^11:16: "X-C" must be .*a line break or NUL/,
    /^12:16: "X-D" must be .*other than ASCII/,
    /^13:16: "X-E" must be .*not a list/,
    /^14:18: each item of "remove" must be a field's name/,
  ]);
});

t.test('what frames, addresses or belongs to one hop is not touched', async (t) => {
  const reason = (name: string, direction = 'request', key = 'remove') => {
    const rule = key === 'remove' ? `remove: [${name}]` : `set: { ${name}: x }`;
    return loadText(t, withRoute(`headers: { ${direction}: { ${rule} } }`)).lines.join();
  };
  for (const direction of ['request', 'response']) {
    for (const key of ['set', 'remove']) {
      t.match(reason('hOST', direction, key), /^6:\d+: Host says whom .*use the key `host`/);
      for (const name of ['Content-Length', 'transfer-encoding', 'Trailer'])
        t.match(reason(name, direction, key), /message ends/);
      for (const name of ['Connection', 'Keep-Alive', 'TE', 'Upgrade', 'Proxy-Authorization', 'Proxy-Connection']) {
        t.match(reason(name, direction, key), /one connection only/);
      }
      t.match(reason('Expect', direction, key), /answered by the proxy/);
    }
  }
  t.match(reason('Via'), /shows loops/);
  t.equal(reason('Via', 'response'), '');
  t.equal(reason('X-Forwarded-For'), '');
});

t.test('a field is set once, and not also removed', async (t) => {
  const { lines } = loadText(t, withRoute('headers: { request: { set: { X-A: 1, x-a: 2, X-B: 3 }, remove: [x-b] } }'));
  t.match(lines, [/^6:\d+: x-a is set already, in another case/, /^6:\d+: x-b is both set and removed/]);
});

t.test('secrets come from elsewhere, and are shown nowhere', async (t) => {
  const load = (value: string, name = 'X-Api-Key') =>
    loadText(t, withRoute(`headers: { request: { set: { ${name}: ${value} } } }`), {
      KEY: 'hunter2',
      BAD: 'hunter2\r\nHost: x',
    });
  const set = (value: string) => load(value).config?.routes[0]?.headers.request.set;
  t.same(set('{ env: KEY }'), ['X-Api-Key', 'hunter2']);
  t.same(set('{ file: secret }'), ['X-Api-Key', 'from a file']);
  t.match(load('{ file: secret }').files, [/secret$/], 'which is watched');
  t.match(load('{ env: NONE }').lines, [/NONE is not set/]);
  t.match(load('{}').lines, [/needs one of env and file/]);
  t.match(load('{ env: BAD }').lines, [/what "X-Api-Key" stands for cannot be the value of a field: a line break/]);

  const plain = load('hunter2');
  t.match(plain.lines, [/^6:\d+: warning: this looks like a secret in plain text/]);
  t.same(load('hunter2', 'X-Tenant').lines, []);
  const seen = 'headers: { response: { set: { Access-Control-Allow-Credentials: "true" } } }';
  t.same(loadText(t, withRoute(seen)).lines, [], 'the client sees them anyway');
  t.same(load('"${KEY}"').lines, []);
  for (const { problems } of [
    plain,
    load('{ env: BAD }'),
    load('"hunter2\\n"', 'X-Tenant'),
    load('hunter2, "A B": 1', 'X-Tenant'),
  ]) {
    t.ok(problems.length > 0);
    t.notMatch(JSON.stringify(problems), 'hunter2');
  }
});

t.test('bodies: the route, defaults, the process', async (t) => {
  const body = (top: string, ...route: string[]) =>
    loadText(t, `${top}\n${withRoute(...route)}`).config?.routes[0]?.limits.body;
  t.equal(body(''), Number.POSITIVE_INFINITY);
  t.equal(body('limits: { body: 1MiB }'), 1024 ** 2);
  t.equal(body('limits: { body: 1MiB }\ndefaults: { limits: { body: 2MiB } }'), 2 * 1024 ** 2);
  t.equal(body('defaults: { limits: { body: 2MiB } }', 'limits: { body: none }'), Number.POSITIVE_INFINITY);
  t.match(loadText(t, withRoute('limits: { header: 1KiB }')).lines, [/unknown key "header"/]);
});

t.test('rewriting', async (t) => {
  const rewrite = (top: string, ...route: string[]) =>
    loadText(t, `${top}\n${withRoute(...route)}`).config?.routes[0]?.rewrite;
  t.same(rewrite('', 'rewrite: { cookies: false }'), { location: true, cookies: false });
  t.same(rewrite('defaults: { rewrite: { location: false } }', 'rewrite: { cookies: false }'), {
    location: false,
    cookies: false,
  });
});
