import t, { type Test } from 'tap';
import { parseUpstream } from '../../src/config/addresses.ts';
import { plainCookie, upstreamCookies } from '../../src/proxy/cookies.ts';
import type { View } from '../../src/proxy/local-address.ts';

function view(
  upstream: string,
  more: Partial<View> & { readonly match?: object; readonly stripPath?: boolean } = {},
): View {
  const { match = { path: '/iot' }, stripPath = true, ...rest } = more;
  const route = { match, stripPath, upstream: parseUpstream(upstream), host: 'upstream' as const };
  return {
    route,
    routes: [{ settings: route }],
    listener: '127.0.0.1:8080',
    authority: 'localhost:8080',
    forward: false,
    path: '/iot/x',
    ...rest,
  };
}

function check(t: Test, from: View, table: Readonly<Record<string, string | undefined>>): void {
  for (const [cookie, local] of Object.entries(table)) t.equal(plainCookie(cookie, from), local ?? cookie, cookie);
}

const iot = view('https://device.example.com:8743/api');

t.test('what a client without TLS would refuse goes', async (t) => {
  check(t, iot, {
    'a=1; Secure': 'a=1',
    'a=1;secure;HttpOnly': 'a=1;HttpOnly',
    'a=1; SECURE=yes ; Max-Age=5': 'a=1; Max-Age=5',
    'a=1; SameSite=None; Secure': 'a=1',
    'a=1; samesite = none ;HttpOnly': 'a=1;HttpOnly',
    'a=1; SameSite=Lax; Secure': 'a=1; SameSite=Lax',
    'a=1; SameSite=Strict': undefined,
    'a=1; Secure; Partitioned; Path=/api/p': 'a=1; Path=/iot/p',
  });
});

t.test('everything else stays, odd spacing and quotes included', async (t) => {
  check(t, iot, {
    'a=1': undefined,
    'a="1; Secure"': undefined,
    'a="x y" ;  HttpOnly  ; Expires=Wed, 21 Oct 2099 07:28:00 GMT;Max-Age=5;Priority=High': undefined,
    'a=secure; b=domain': undefined,
    '': undefined,
    '=1; HttpOnly': undefined,
    'a; HttpOnly;': undefined,
    'a=\xe9=; x=\xe9': undefined,
  });
});

t.test('a Domain stays where it can match', async (t) => {
  check(t, iot, { 'a=1; Domain=device.example.com': 'a=1', 'a=1; domain=.example.com; HttpOnly': 'a=1; HttpOnly' });
  check(t, iot, { 'a=1; Domain=localhost': undefined, 'a=1; Domain=': undefined });
  const forward = view('https://device.example.com', {
    match: { host: 'device.example.com' },
    authority: 'Device.example.com',
    forward: true,
  });
  check(t, forward, {
    'a=1; Domain=device.example.com': undefined,
    'a=1; Domain=.Example.com': undefined,
    'a=1; Domain=ample.com': 'a=1',
    'a=1; Domain=other.com': 'a=1',
  });
  check(t, view('https://up', { authority: '10.0.0.1:80' }), { 'a=1; Domain=0.0.1': 'a=1' });
  check(t, view('https://up', { authority: undefined }), { 'a=1; Domain=up': 'a=1' });
});

t.test('a Path is below the route', async (t) => {
  check(t, iot, {
    'a=1; Path=/api': 'a=1; Path=/iot',
    'a=1; Path=/api/': 'a=1; Path=/iot/',
    'a=1; PATH = /api/x ; HttpOnly': 'a=1; PATH =/iot/x; HttpOnly',
    'a=1; Path=/': 'a=1; Path=/iot',
    'a=1; Path=/other': undefined,
    'a=1; Path=/apix': undefined,
    'a=1; Path=/api/../x': undefined,
    'a=1; Path=/api?x': undefined,
    'a=1; Path=//evil.test/': undefined,
    'a=1; Path=x': undefined,
    'a=1; Path': undefined,
  });
  check(t, view('https://up'), { 'a=1; Path=/': 'a=1; Path=/iot', 'a=1; Path=/x': 'a=1; Path=/iot/x' });
  check(t, view('https://up/v1', { stripPath: false }), {
    'a=1; Path=/': 'a=1; Path=/iot',
    'a=1; Path=/v1': 'a=1; Path=/iot',
    'a=1; Path=/v1/iot/x': 'a=1; Path=/iot/x',
  });
  check(t, view('https://up', { match: { path: '/' } }), { 'a=1; Path=/': undefined, 'a=1; Path=/x/': undefined });
  check(t, view('https://up/v1', { match: { host: 'localhost' } }), {
    'a=1; Path=/': undefined,
    'a=1; Path=/v1/x': 'a=1; Path=/x',
  });
});

t.test('without a Path it does not reach other routes either', async (t) => {
  for (const path of ['/iot', '/', '*']) {
    check(
      t,
      { ...iot, path },
      { 'a=1': 'a=1; Path=/iot', 'a=1; Path=x': 'a=1; Path=x; Path=/iot', 'a=1; Path=/api': 'a=1; Path=/iot' },
    );
  }
  for (const path of ['/iot/', '/iot/x', '/iot/x/y']) check(t, { ...iot, path }, { 'a=1': undefined });
});

t.test('names with a prefix go out under a mark, and come back without it', async (t) => {
  const names = [
    '__Host-a',
    '__Secure-a',
    '__secure-a',
    '__Http-a',
    '__Host-Http-a',
    'Plain-__Host-a',
    'Plain-Plain-__Secure-',
  ];
  for (const name of names) {
    t.equal(plainCookie(`${name}=1; Path=/; Secure`, iot), `Plain-${name}=1; Path=/iot`);
    t.equal(upstreamCookies(`Plain-${name}=1`), `${name}=1`);
  }
  for (const cookie of ['__Host=1', '_Host-a=1', 'a__Host-b=1', 'Plain-a=1', 'a=__Host-b=1', '__Host-a'])
    check(t, iot, { [cookie]: undefined });
  t.equal(
    upstreamCookies('a=1; Plain-__Host-b=Plain-__Host-c;Plain-__Secure-d="x; Plain-e=__Host-f'),
    'a=1; __Host-b=Plain-__Host-c;__Secure-d="x; Plain-e=__Host-f',
  );
  t.equal(upstreamCookies('__Host-a=1; a__b=2'), '__Host-a=1; a__b=2');
});
