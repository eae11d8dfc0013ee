import type { IncomingMessage } from 'node:http';
import t from 'tap';
import { ProxyError } from '../../src/errors.ts';
import { Users } from '../../src/proxy/client-users.ts';
import { type GuardSettings, guard } from '../../src/proxy/guard.ts';
import { digestOf } from '../../src/proxy/token.ts';

type Fields = Readonly<Record<string, string | readonly string[]>>;

const hosts = new Set(['localhost', '127.0.0.1', '::1', 'device.test']);

/** A request as far as the guard looks at it; a list of values is as many fields. */
function requestOf(fields: Fields, method = 'GET'): IncomingMessage {
  const rawHeaders = Object.entries(fields).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value as string]),
  );
  return { method, rawHeaders, socket: {} } as IncomingMessage;
}

interface Asking {
  readonly settings?: Partial<GuardSettings>;
  readonly method?: string;
  readonly authority?: string;
}

function ask(fields: Fields, { settings, method, authority }: Asking = {}): string {
  try {
    guard(requestOf(fields, method), { hosts, ...settings }, authority);
    return 'may';
  } catch (error) {
    if (error instanceof ProxyError && error.source === 'downstream') return `${error.status} ${error.message}`;
    throw error;
  }
}

t.test('E1 the Host: own names, in any case, with any port', async (t) => {
  for (const host of [
    'localhost',
    'LOCALHOST:8080',
    'localhost:',
    '127.0.0.1:1',
    '[::1]',
    '[::1]:8080',
    'device.test',
    'DEVICE.test:80',
  ]) {
    t.equal(ask({ Host: host }), 'may', host);
  }
  t.equal(ask({}), 'may', 'HTTP/1.0 has none');
});

t.test('E1 the Host: whatever else, however it is written', async (t) => {
  for (const host of [
    'evil.test',
    'localhost.evil.test',
    'evil.test:80:localhost',
    // Another name of the same place is another name.
    'localhost.',
    'device.test.',
    '127.1',
    '127.0.0.2',
    '127.000.000.001',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '2130706433',
    '0',
    '0.0.0.0',
    '::1',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::1%25lo]',
    '[::1',
    '::1]',
    '[localhost]x',
    // No host at all.
    '',
    ' ',
    ':80',
    'localhost:80x',
    'localhost:-1',
    'localhost,evil.test',
    'localhost evil.test',
    'localhost/',
    'localhost\\',
    'localhost#',
    'localhost@evil.test',
    'evil.test@localhost',
    'user:pass@localhost:80',
    'local host',
    'l\u00f6calhost',
    'localhost\u00a0',
    'localhost%00',
    'http://localhost',
  ]) {
    t.match(ask({ Host: host }), /^403 the Host ".*call the proxy as localhost, or add it to `guard\.hosts`/, host);
  }
  const long = ask({ Host: 'x'.repeat(10_000) });
  t.match(long, /^403 the Host "x{100}…" /, 'not all of a long one is shown');
});

t.test('E1 the authority of an absolute form counts, and the Host beside it does not', async (t) => {
  t.equal(ask({ Host: 'evil.test' }, { authority: 'localhost:8080' }), 'may');
  t.match(ask({ Host: 'localhost' }, { authority: 'evil.test' }), /^403 the Host "evil.test"/);
  const origin = 'http://evil.test';
  t.match(ask({ Host: 'evil.test', Origin: origin }, { authority: 'localhost' }), /^403 .*another origin/);
  t.equal(ask({ Host: 'evil.test', Origin: 'http://localhost' }, { authority: 'localhost:80' }), 'may');
});

t.test('a listener exposed on purpose takes any that can be one', async (t) => {
  const any = { settings: { hosts: undefined } };
  for (const host of ['evil.test', '', '[::1]:80', '192.0.2.1']) t.equal(ask({ Host: host }, any), 'may', host);
  for (const host of ['evil test', 'a@b', '[evil]', 'evil.test:80x', 'b\u00fccher.test']) {
    t.match(ask({ Host: host }, any), /^400 the Host .* neither a name nor an address/, host);
  }
});

t.test('E2 the Origin', async (t) => {
  const Host = 'localhost:8080';
  t.equal(ask({ Host, Origin: 'http://localhost:8080' }), 'may');
  t.equal(ask({ Host: 'LocalHost:8080', Origin: 'http://localhost:8080' }), 'may');
  for (const port of ['', ':', ':80']) {
    t.equal(ask({ Host: `localhost${port}`, Origin: 'http://localhost' }), 'may', 'port 80 is not written');
  }
  t.equal(ask({ Host: '[::1]:80', Origin: 'http://[::1]' }), 'may');
  for (const origin of [
    'http://localhost',
    'http://localhost:80',
    'https://localhost:8080',
    'http://localhost:80801',
    'http://localhost.:8080',
    'http://127.0.0.1:8080',
    'http://localhost:8080/',
    'http://localhost:8080, http://evil.test',
    'http://evil.test',
    'localhost:8080',
    'file://',
    'null',
    'NULL',
    '',
  ]) {
    t.match(ask({ Host, Origin: origin }), /^403 .*another origin .*add it to `guard\.origins`/, origin);
  }
  t.match(ask({ Origin: 'http://undefined' }), /another origin/, 'without a Host there is no own one');
  t.match(ask({ Host: '', Origin: 'http://' }, { settings: { hosts: undefined } }), /another origin/);
});

t.test('E2 each of several Origins', async (t) => {
  const [Host, own, evil] = ['localhost', 'http://localhost', 'http://evil.test'];
  t.equal(ask({ Host, Origin: [own, own] }), 'may');
  for (const Origin of [
    [own, evil],
    [evil, own],
    [own, 'null'],
  ]) {
    t.match(ask({ Host, Origin }), /another origin/);
    t.match(ask({ Host, Origin }, { settings: { origins: new Set([own]) } }), /another origin/);
  }
});

t.test('E2 Sec-Fetch-Site', async (t) => {
  const by = (site: string | string[], mode?: string | string[]) =>
    ask({ Host: 'localhost', 'Sec-Fetch-Site': site, ...(mode !== undefined && { 'Sec-Fetch-Mode': mode }) });
  for (const site of ['same-origin', 'none']) t.equal(by(site), 'may');
  t.equal(by('none', 'navigate'), 'may');
  for (const site of ['cross-site', 'same-site', 'anything', 'None', 'SAME-ORIGIN', '', 'none, none']) {
    t.match(by(site, 'navigate'), /^403 the browser calls this request .*`guard\.origins`/, site);
  }
  for (const mode of ['no-cors', 'cors', 'websocket', '', 'navigate, navigate']) {
    t.match(by('none', mode), /"none", which is no navigation/, mode);
  }
  t.match(by(['same-origin', 'cross-site']), /"cross-site"/);
  t.match(by(['cross-site', 'same-origin']), /"cross-site"/);
  t.match(by(['none', 'same-origin'], ['navigate', 'cors']), /"none"/);
});

t.test('E2 origins that are listed', async (t) => {
  const settings = { origins: new Set(['https://app.example']) };
  const by = (fields: Fields, method = 'GET') => ask({ Host: 'localhost', ...fields }, { settings, method });
  const site = { 'Sec-Fetch-Site': 'cross-site' };
  t.equal(by({ Origin: 'https://app.example', ...site }), 'may');
  t.match(by({ Origin: 'https://app.example.evil', ...site }), /`guard\.origins`/);
  t.match(by(site), /`guard\.origins`/, 'a navigation says no origin');
  t.equal(by({ ...site, Referer: 'https://app.example/page' }), 'may');
  t.match(by({ ...site, Referer: 'https://app.example/page' }, 'POST'), /`guard\.origins`/);
  t.match(by({ ...site, Referer: ['https://app.example/', 'https://evil.test/'] }), /`guard\.origins`/);
});

t.test('a Referer alone says nothing: a page can leave it out, and programs send it', async (t) => {
  t.equal(ask({ Host: 'localhost', Referer: 'https://evil.test/' }), 'may');
});

t.test('E9 the token', async (t) => {
  const settings = { token: digestOf('tok') };
  const by = (...values: readonly string[]) => ask({ Host: 'localhost', 'Proxy-Authorization': values }, { settings });
  for (const right of ['Bearer tok', 'bearer  tok ', 'BEARER tok']) t.equal(by(right), 'may', right);
  for (const wrong of ['', 'Bearer', 'Bearer ', 'Bearer to', 'Bearer toke', 'Bearer tok tok', 'Basic tok', 'tok']) {
    t.match(by(wrong), /^407 .*not the right one.*`guard\.token`/, JSON.stringify(wrong));
  }
  t.match(by(), /^407 .*no token.*`guard\.token`/);
  for (const several of [
    ['Bearer tok', 'Bearer tok'],
    ['Bearer tok', 'Bearer x'],
    ['Bearer x', 'Bearer tok'],
  ]) {
    t.match(by(...several), /^407 the request has 2 Proxy-Authorization fields/);
  }
});

t.test('who is not let in as a page is not asked for a token', async (t) => {
  const settings = { token: digestOf('tok') };
  t.match(ask({ Host: 'localhost', Origin: 'http://evil.test' }, { settings }), /^403 /);
});

t.test('the user comes first', async (t) => {
  const settings = { users: new Users([1], { find: async () => ({ uid: 1 }) }) };
  t.match(ask({ Host: 'evil.test' }, { settings }), /^403 it is not known/);
});
