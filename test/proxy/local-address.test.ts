import t, { type Test } from 'tap';
import { parseUpstream } from '../../src/config/addresses.ts';
import { localReference, prefixOf, type View } from '../../src/proxy/local-address.ts';
import { bySpecificity } from '../../src/proxy/router.ts';

type Settings = View['route'];

function route(match: Settings['match'], upstream: string, more: Partial<Settings> = {}): Settings {
  return { match, upstream: parseUpstream(upstream), stripPath: true, host: 'upstream', ...more };
}

/** How a client of the first of some routes sees the proxy. */
function view(routes: readonly Settings[], more: Partial<View> = {}): View {
  return {
    route: routes[0] as Settings,
    routes: bySpecificity(routes.map((settings) => ({ settings }))),
    listener: '127.0.0.1:8080',
    authority: 'localhost:8080',
    forward: false,
    path: '/iot/x',
    ...more,
  };
}

/** Checks what references become; undefined: they stay. */
function check(t: Test, from: View, table: Readonly<Record<string, string | undefined>>): void {
  for (const [reference, local] of Object.entries(table))
    t.equal(localReference(reference, from), local ?? reference, reference);
}

const iot = route({ path: '/iot' }, 'https://device.example.com:8743/api');

t.test('an address of the upstream is one of the proxy', async (t) => {
  check(t, view([iot]), {
    'https://device.example.com:8743/api/x/y?q=1#z': 'http://localhost:8080/iot/x/y?q=1#z',
    'HTTPS://Device.Example.COM:8743/api/x': 'http://localhost:8080/iot/x',
    'https://device.example.com:8743/api': 'http://localhost:8080/iot',
    'https://device.example.com:8743/api?q': 'http://localhost:8080/iot?q',
    'https://device.example.com:8743/api#z': 'http://localhost:8080/iot#z',
    'https://device.example.com:8743/api/%2F/%2e?\xe9': 'http://localhost:8080/iot/%2F/%2e?\xe9',
    '//device.example.com:8743/api/x': 'http://localhost:8080/iot/x',
    '/api/x?q#z': '/iot/x?q#z',
    '/api': '/iot',
    'http://device.example.com:8743/api/x': 'http://localhost:8080/iot/x',
  });
});

t.test('relative, foreign and odd ones stay', async (t) => {
  check(t, view([iot]), {
    '': undefined,
    x: undefined,
    '../x': undefined,
    '?q': undefined,
    '#z': undefined,
    '/other': undefined,
    '/apix': undefined,
    'https://device.example.com:8743/other': undefined,
    'https://device.example.com:8743/apix': undefined,
    'https://device.example.com:8743/api/../admin': undefined,
    'https://device.example.com:8743/api/..%2fadmin': undefined,
    '/api/../admin': undefined,
    'https://device.example.com/api/x': undefined,
    'http://device.example.com/api/x': undefined,
    'https://device.example.com.evil.test:8743/api/x': undefined,
    'https://user@device.example.com:8743/api/x': undefined,
    'https://evil.test\\@device.example.com:8743/api': undefined,
    'https://device.example.com:8743\\@evil.test/api': undefined,
    'https://device.example.com:874300/api': undefined,
    'https:device.example.com:8743/api': undefined,
    'https:///device.example.com:8743/api': undefined,
    ' https://device.example.com:8743/api': undefined,
    '/\\evil.test/': undefined,
    '//evil.test/api': undefined,
    'mailto:a@device.example.com': undefined,
    'http://localhost:8080/api/x': undefined,
  });
});

t.test('the default port is the same written and left out; IPv6 stands in brackets', async (t) => {
  check(t, view([route({ path: '/iot' }, 'https://device.example.com')]), {
    'https://device.example.com:443/x': 'http://localhost:8080/iot/x',
    'https://device.example.com/x': 'http://localhost:8080/iot/x',
    'https://device.example.com': 'http://localhost:8080/iot',
    'https://device.example.com?q': 'http://localhost:8080/iot?q',
    'http://device.example.com/x': undefined,
    '/': '/iot/',
    '/x': '/iot/x',
  });
  check(t, view([route({ path: '/' }, 'https://[::1]:8743')], { authority: '[::1]:8080' }), {
    'https://[::1]:8743/x': 'http://[::1]:8080/x',
    'https://[::1]:8743': 'http://[::1]:8080/',
    '/x': '/x',
  });
});

t.test('where the prefix is kept', async (t) => {
  check(t, view([route({ path: '/iot' }, 'https://up/v1', { stripPath: false })]), {
    'https://up/v1/iot/x': 'http://localhost:8080/iot/x',
    '/v1/iot': '/iot',
    '/v1/other': undefined,
    'https://up/v1/iotx': undefined,
  });
});

t.test('a client that did not say a host gets a path', async (t) => {
  check(t, view([iot], { authority: undefined }), {
    'https://device.example.com:8743/api/x#z': '/iot/x#z',
    'https://evil.test/': undefined,
  });
});

t.test('as a forward proxy: the same host without TLS', async (t) => {
  const device = route({ host: 'device.example.com' }, 'https://device.example.com:8743');
  const forward = { authority: 'device.example.com', forward: true };
  check(t, view([device], forward), {
    'https://device.example.com/x': 'http://device.example.com/x',
    'https://device.example.com:443/x': 'http://device.example.com/x',
    'https://device.example.com:8743/x': 'http://device.example.com/x',
    'http://device.example.com/x': undefined,
    '/x': undefined,
    'https://other.example.com/': undefined,
    'https://device.example.com:99/x': undefined,
  });
  check(t, view([device], { ...forward, authority: 'device.example.com:8743' }), {
    'https://device.example.com:8743/x': 'http://device.example.com:8743/x',
    'https://device.example.com/x': undefined,
  });
});

t.test('an upstream that is told the client’s name uses it', async (t) => {
  check(t, view([{ ...iot, host: 'preserve' }]), {
    'http://localhost:8080/api/x': 'http://localhost:8080/iot/x',
    'https://localhost:8080/api/x': 'http://localhost:8080/iot/x',
    'http://localhost/api/x': undefined,
  });
});

t.test('an address of another route’s upstream is that route’s, if only one can be meant', async (t) => {
  const other = route({ path: '/other' }, 'https://other.example.com/base');
  const deeper = route({ path: '/deeper' }, 'https://other.example.com/base/deep');
  const named = route({ host: 'named.example.com' }, 'https://named.example.com');
  const elsewhere = route({ path: '/e', listen: '127.0.0.1:9' }, 'https://elsewhere.example.com');
  const all = [iot, other, deeper, named, elsewhere];
  check(t, view(all), {
    'https://other.example.com/base/x': 'http://localhost:8080/other/x',
    'https://other.example.com/base/deep/x': 'http://localhost:8080/deeper/x',
    'https://other.example.com/': undefined,
    'http://other.example.com/base/x': undefined,
    'https://named.example.com/': undefined,
    'https://elsewhere.example.com/': undefined,
  });
  check(t, view(all, { forward: true, authority: 'device.example.com' }), {
    'https://named.example.com/x': 'http://named.example.com/x',
  });
  const twin = route({ path: '/twin' }, 'https://other.example.com/base');
  check(t, view([iot, other, twin]), { 'https://other.example.com/base/x': undefined });
  check(t, view([other, twin]), { 'https://other.example.com/base/x': 'http://localhost:8080/other/x' });
  check(t, view([route({ path: '/a' }, 'https://up/a'), route({ path: '/b' }, 'https://up/b')]), {
    '/b/x': '/b/x',
    '/a': '/a',
  });
  check(
    t,
    view([route({ path: '/a' }, 'https://up/v/a'), route({ host: 'up' }, 'https://up/v/b')], { forward: true }),
    {
      '/v/b/x': 'http://up/x',
    },
  );
});

t.test('an address that another route takes is not given out', async (t) => {
  const shadow = route({ path: '/iot/admin' }, 'https://admin.example.com');
  check(t, view([iot, shadow]), { '/api/admin/x': undefined, '/api/x': '/iot/x' });
});

t.test('the prefix of a route', async (t) => {
  t.equal(prefixOf({ match: {} }), '');
  t.equal(prefixOf({ match: { path: '/' } }), '');
  t.equal(prefixOf({ match: { path: '/a' } }), '/a');
});
