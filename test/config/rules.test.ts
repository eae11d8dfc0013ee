import t from 'tap';
import { loadText, withRoute } from './load-text.ts';

const route = (name: string, match: string) => `  - name: ${name}\n    match: ${match}\n    upstream: https://h\n`;
const routes = (...all: readonly string[]) => `listen: [127.0.0.1:80, "unix:/p"]\nroutes:\n${all.join('')}`;

t.test('names are unique', async (t) => {
  const { lines } = loadText(
    t,
    routes(route('a', '{ path: /a }'), route('b', '{ path: /b }'), route('a', '{ path: /c }')),
  );
  t.same(lines, ['9:11: the route on line 3 has the name "a" already']);
});

t.test('no two routes match the same requests', async (t) => {
  const { lines } = loadText(
    t,
    routes(
      route('a', '{ path: /a, host: h }'),
      route('b', '{ path: /a }'),
      route('c', '{ host: H, path: /a/ }'),
      route('d', '{ host: h }'),
      route('e', '{ host: h, path: / }'),
      route('f', '{ host: h, listen: "127.0.0.1:80" }'),
    ),
  );
  t.same(lines, [
    '10:12: the route on line 3 matches the same requests; give one another path, host or listen',
    '16:12: the route on line 12 matches the same requests; give one another path, host or listen',
  ]);
});

t.test('a match says something', async (t) => {
  const lines = (match: string) => loadText(t, routes(route('a', match))).lines;
  t.same(lines('{}'), ['4:12: "match" needs at least one of path, host and listen']);
  t.same(lines(''), ['4:12: "match" needs at least one of path, host and listen']);
  t.same(lines('{ paht: /a }'), ['4:14: unknown key "paht", did you mean "path"?']);
});

t.test('what could not be read ties with nothing', async (t) => {
  const { lines } = loadText(t, routes(route('a', '{ host: h, path: x }'), route('b', '{ host: h }'), '  - x\n'));
  t.match(lines, [/"path" must be/, /each item of "routes" must be a map/]);
});

t.test('match.listen names a listener', async (t) => {
  const lines = (listen: string) => loadText(t, routes(route('a', `{ listen: "${listen}" }`))).lines;
  t.same(lines('unix:/p'), []);
  t.same(lines('127.0.0.1:80'), []);
  t.same(lines('127.0.0.1:81'), ['4:22: "listen" does not name this address; it names 127.0.0.1:80, unix:/p']);
  const none = `routes:\n${route('a', '{ listen: "unix:/p" }')}`;
  t.match(loadText(t, none).lines, [/"listen" is missing/, /it names none/]);
  t.match(loadText(t, `listen: [x]\n${none}`).lines, [/must be an address/], 'not when one could not be read');
});

t.test('other than loopback addresses must be meant', async (t) => {
  const lines = (top: string) => loadText(t, top + withRoute().replace(/^listen.*\n/, '')).lines;
  for (const address of ['127.0.0.1:1', '127.1.2.3:1', '"[::1]:1"', 'localhost:1', 'unix:/p']) {
    t.same(lines(`listen: ${address}\n`), [], address);
  }
  for (const address of ['0.0.0.0:1', '"[::]:1"', 'example.com:1']) {
    t.match(lines(`listen: ${address}\n`), [/^1:9: .* is no loopback address/], address);
    const told = [/^1:9: warning: .* can be reached from other machines/];
    t.match(lines(`listen: ${address}\nexposed: true\nguard: { hosts: [proxy.test] }\n`), told, address);
    t.match(lines(`listen: ${address}\nexposed: true\nguard: { token: x }\n`), [...told, /plain text/], address);
    t.match(lines(`listen: ${address}\nexposed: true\n`), [...told, /^2:10: who may use the proxy/], address);
    t.match(lines(`listen: ${address}\nexposed: false\n`), [/no loopback/], address);
  }
  t.match(lines('listen: 127.0.0.1:1\nadmin: 0.0.0.0:9\n'), [/^2:8: 0.0.0.0:9 is no loopback address/]);
  t.match(lines('listen: 0.0.0.0:1\nexposed: yes\n'), [/^2:10: "exposed" must be/], 'not when that could not be read');
});

t.test('pages cannot send a token', async (t) => {
  const lines = (guard: string) => loadText(t, `${withRoute()}guard: ${guard}\n`, { TOKEN: 'tok' }).lines;
  const told = [/^6:19: warning: no page is let in beside "token"/];
  t.match(lines('{ origins: [https://app.example], token: { env: TOKEN } }'), told);
  t.same(lines('{ origins: [https://app.example] }'), []);
  t.same(lines('{ origins: [], token: { env: TOKEN } }'), []);
});

t.test('what systemd opens', async (t) => {
  const lines = (top: string) => loadText(t, top + withRoute().replace(/^listen.*\n/, '')).lines;
  t.same(lines('listen: [systemd:a, systemd:b, 127.0.0.1:1]\nadmin: systemd:c\n'), []);
  t.match(lines('listen: [systemd:a, systemd:a]\n'), [/^1:21: systemd:a is listened on already/]);
  t.match(lines('listen: systemd\nadmin: systemd:c\n'), [/^1:9: systemd takes all that systemd hands over/]);
  t.match(lines('listen: systemd\nexposed: true\n'), [/^2:10: who may use the proxy/], 'it may be any address');
  t.same(lines('listen: systemd\nexposed: true\nguard: { hosts: [proxy.test] }\n'), []);
});

t.test('an address is listened on once', async (t) => {
  const lines = (listen: string, admin: string) =>
    loadText(t, withRoute().replace('127.0.0.1:0', listen) + admin).lines;
  t.same(lines('[127.0.0.1:8, 127.0.0.1:8]', ''), ['1:23: 127.0.0.1:8 is listened on already']);
  t.same(lines('127.0.0.1:8', 'admin: 127.0.0.1:8\n'), ['6:8: 127.0.0.1:8 is listened on already']);
  t.same(lines('[unix:a, unix:./a]', '').length, 1);
  t.same(lines('[127.0.0.1:0, 127.0.0.1:0]', ''), []);
});

t.test('a certificate and its key come together', async (t) => {
  const lines = (...tls: string[]) => loadText(t, withRoute(...tls)).lines;
  t.same(lines('tls: { cert: a.pem }'), [
    '6:18: a client certificate needs its private key: "key"; a PKCS#12 or JKS file belongs into "keystore"',
  ]);
  t.same(lines('tls: { key: a.pem }'), ['6:17: a private key needs its client certificate: "cert"']);
  t.same(lines('tls: { cert: a.pem, key: b.pem }'), []);
  t.match(lines('tls: { cert: a.pem, key: [] }'), [/"key" must be the path/], 'not when it could not be read');
  t.same(loadText(t, `defaults: { tls: { key: b.pem } }\n${withRoute('tls: { cert: a.pem }')}`).lines, []);
});

t.test('a passphrase that opens nothing is told', async (t) => {
  const lines = (...tls: string[]) => loadText(t, withRoute(...tls), { P: 'x' }).lines;
  const nothing = 'warning: there is nothing that it opens:';
  t.same(lines('tls: { passphrase: { env: P } }'), [`6:24: ${nothing} "key" or "pfx" is missing`]);
  t.same(lines('tls: { keystore: { file: a.pem }, passphrase: { env: P } }'), [
    `6:51: ${nothing} "keystore" takes its own "password"`,
  ]);
  for (const opened of ['cert: a.pem, key: b.pem', 'pfx: a.pem'])
    t.same(lines(`tls: { ${opened}, passphrase: { env: P } }`), [], opened);
  const defaults = 'defaults: { tls: { cert: a.pem, key: b.pem, passphrase: secret } }';
  const own = withRoute('tls: { keystore: { file: a.pem } }');
  t.equal(loadText(t, `${defaults}\n${own}`).lines.length, 1, 'that of the defaults may be for other routes');
});

t.test('a problem of the defaults is told once, at the defaults', async (t) => {
  const two = withRoute() + route('b', '{ path: /b }');
  t.same(loadText(t, `defaults: { tls: { cert: a.pem } }\n${two}`).lines, [
    '1:26: a client certificate needs its private key: "key"; a PKCS#12 or JKS file belongs into "keystore"',
  ]);
});

t.test('without the name there must be pins', async (t) => {
  const pin = `sha256/${Buffer.alloc(32).toString('base64')}`;
  const lines = (...tls: string[]) => loadText(t, withRoute(...tls)).lines;
  const message = 'without the name, "pins" must say which server is meant';
  t.same(lines('tls: { verifyHostname: false }'), [`6:28: ${message}`]);
  t.same(lines('tls: { verifyHostname: false, pins: [] }'), [`6:28: ${message}`]);
  t.same(lines(`tls: { verifyHostname: false, pins: ["${pin}"] }`), []);
  t.same(lines(`tls: { pins: ["${pin}"] }`), []);
  t.same(loadText(t, `defaults: { tls: { verifyHostname: false } }\n${withRoute()}`).lines, [`1:36: ${message}`]);
  t.match(lines('tls: { verifyHostname: false, pins: [x] }'), [/must be a pin/]);
  t.same(loadText(t, withRoute(`tls: { pins: ["${pin}"] }`)).config?.routes[0]?.tls.pins, [pin]);
});

t.test('one source of the client certificate, one of trust', async (t) => {
  const lines = (tls: string, defaults = '') => loadText(t, defaults + withRoute(`tls: ${tls}`)).lines;
  const identity = 'a route has only one of "cert" with "key", "pfx", "keystore"';
  t.same(lines('{ pfx: a.pem }'), []);
  t.same(lines('{ keystore: { file: a.pem }, truststore: { file: b.pem } }'), []);
  t.same(lines('{ cert: a.pem, key: b.pem, pfx: a.pem }'), [`6:42: "cert" is on line 6 already; ${identity}`]);
  t.same(lines('{ pfx: a.pem, keystore: { file: a.pem } }'), [`6:34: "pfx" is on line 6 already; ${identity}`]);
  t.same(lines('{ cert: a.pem, pfx: a.pem, keystore: { file: a.pem } }').length, 2);
  const trust = 'a route has only one of "ca", "truststore"';
  t.same(lines('{ truststore: { file: a.pem }, ca: system }'), [`6:24: "ca" is on line 6 already; ${trust}`]);
  t.same(lines('{}', 'defaults:\n  tls:\n    ca: system\n    truststore: { file: a.pem }\n'), [
    `4:17: "ca" is on line 3 already; ${trust}`,
  ]);
  t.match(lines('{ keystore: {} }'), [/"file" is missing; it must be the path of a file/]);
  t.match(lines('{ keystore: x }'), [/"keystore" must be a map of file, password, alias, keyPassword, not "x"/]);
});
