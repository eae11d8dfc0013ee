import * as fc from 'fast-check';
import t from 'tap';
import { parseUpstream } from '../../src/config/addresses.ts';
import { plainCookie, upstreamCookies } from '../../src/proxy/cookies.ts';
import { localReference, type View } from '../../src/proxy/local-address.ts';
import { bySpecificity, findRoute, readTarget } from '../../src/proxy/router.ts';

const bases = ['', '/api', '/api/v1', '/x'];
const prefixes = ['/', '/iot', '/iot/deep', '/x'];
const hosts = ['one.test', 'two.test:8743'];

const route = fc.record({
  path: fc.constantFrom(...prefixes),
  upstream: fc
    .tuple(fc.constantFrom(...hosts), fc.constantFrom(...bases))
    .map(([host, base]) => parseUpstream(`https://${host}${base}`)),
  stripPath: fc.boolean(),
});

const view = fc.uniqueArray(route, { minLength: 1, maxLength: 4, selector: ({ path }) => path }).map((all): View => {
  const routes = all.map(({ path, ...rest }) => ({
    settings: { match: { path }, host: 'upstream' as const, ...rest },
  }));
  return {
    route: (routes[0] as (typeof routes)[number]).settings,
    routes: bySpecificity(routes),
    listener: 'here',
    authority: 'localhost:8080',
    forward: false,
    path: '/iot/x',
  };
});

const segment = fc.constantFrom(
  'api',
  'v1',
  'x',
  'iot',
  'deep',
  '..',
  '.',
  '',
  '%2e%2e',
  'a%2fb',
  '..%2f',
  ';..',
  '..;',
  '\\',
);
const path = fc.array(segment, { maxLength: 6 }).map((all) => all.map((each) => `/${each}`).join(''));
const origin = fc.constantFrom(
  '',
  'https://one.test',
  'https://two.test:8743',
  'HTTPS://ONE.test:443',
  '//two.test:8743',
  'https://evil.test',
);
const reference = fc
  .tuple(origin, path, fc.constantFrom('', '?', '?q=/../x', '#f', '?q#f'))
  .map((parts) => parts.join(''));

/** What an upstream means by a reference: where it leads to from its own side. */
function meant(text: string, { route: { upstream } }: View): string {
  const absolute =
    text.startsWith('/') && !text.startsWith('//')
      ? `https://${upstream.authority}${text}`
      : text.replace(/^\/\//, 'https://');
  const [, authority = '', rest = ''] = /^https:\/\/([^/?#]*)(.*)$/i.exec(absolute) ?? [];
  return authority.toLowerCase().replace(/:443$/, '') + rest.replace(/#.*/, '').replace(/^(?=\?|$)/, '/');
}

t.test('who follows a rewritten reference arrives where the upstream meant', async (t) => {
  let rewritten = 0;
  fc.assert(
    fc.property(view, reference, (from, text) => {
      const local = localReference(text, from);
      if (local === text) return;
      rewritten += 1;
      const asked = local.replace(/#.*/, '');
      const { target = '' } = readTarget(asked, '') ?? {};
      const found = findRoute(from.routes, { host: 'localhost', target, listener: 'here' });
      const arrived = `${found?.route.settings.upstream.authority}${found?.target}`;
      // To ask for a base path by itself is to ask for the directory, as it is for any request.
      const bare = (address: string) => address.replace(/\/?(?=\?|$)/, '');
      if (bare(arrived) !== bare(meant(text, from)))
        throw new Error(`${text} became ${local}, which leads to ${arrived}`);
      const at = text.indexOf('#');
      if (at !== -1 && !local.endsWith(text.slice(at))) throw new Error(`${local} lost its fragment`);
    }),
    { numRuns: 5000 },
  );
  t.comment(`${rewritten} rewritten`);
  t.ok(rewritten > 50, 'enough of them were rewritten');
});

t.test('a cookie keeps its value, and finds its name again', async (t) => {
  const name = fc.constantFrom(
    'a',
    '__Host-a',
    '__secure-a',
    'Plain-__Host-a',
    'Plain-a',
    '__Http-',
    'plain-PLAIN-__HOST-x',
  );
  const attribute = fc.constantFrom(
    ' Secure',
    'secure',
    ' HttpOnly',
    ' Path=/',
    ' Path=/api',
    ' Domain=one.test',
    ' SameSite=None',
    ' Partitioned',
    '',
    ' x=y',
    'Max-Age=1 ',
  );
  fc.assert(
    fc.property(
      view,
      name,
      fc.string({ unit: fc.constantFrom('x', '=', '"', ' ', ',', '_') }),
      fc.array(attribute),
      (from, key, value, more) => {
        const [pair = '', ...kept] = plainCookie([`${key}=${value}`, ...more].join(';'), from).split(';');
        const left = kept.map((each) => each.trim().toLowerCase());
        if (left.some((each) => ['secure', 'partitioned', 'samesite=none', 'domain=one.test'].includes(each)))
          return false;
        if (/^__(host|secure|http)-/i.test(pair)) return false;
        return upstreamCookies(`b=1; ${pair}; c=2`) === `b=1; ${key}=${value}; c=2`;
      },
    ),
    { numRuns: 2000 },
  );
  t.pass();
});
