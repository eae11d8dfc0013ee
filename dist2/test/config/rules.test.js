import t from 'tap';
import { loadText, withRoute } from './load-text.js';
const route = (name, match) => `  - name: ${name}\n    match: ${match}\n    upstream: https://h\n`;
const routes = (...all) => `listen: [127.0.0.1:80, "unix:/p"]\nroutes:\n${all.join('')}`;
t.test('names are unique', async (t) => {
    const { lines } = loadText(t, routes(route('a', '{ path: /a }'), route('b', '{ path: /b }'), route('a', '{ path: /c }')));
    t.same(lines, ['9:11: the route on line 3 has the name "a" already']);
});
t.test('no two routes match the same requests', async (t) => {
    const { lines } = loadText(t, routes(route('a', '{ path: /a, host: h }'), route('b', '{ path: /a }'), route('c', '{ host: H, path: /a/ }'), route('d', '{ host: h }'), route('e', '{ host: h, path: / }'), route('f', '{ host: h, listen: "127.0.0.1:80" }')));
    t.same(lines, [
        '10:12: the route on line 3 matches the same requests; give one another path, host or listen',
        '16:12: the route on line 12 matches the same requests; give one another path, host or listen',
    ]);
});
t.test('a match says something', async (t) => {
    const lines = (match) => loadText(t, routes(route('a', match))).lines;
    t.same(lines('{}'), ['4:12: "match" needs at least one of path, host and listen']);
    t.same(lines(''), ['4:12: "match" needs at least one of path, host and listen']);
    t.same(lines('{ paht: /a }'), ['4:14: unknown key "paht", did you mean "path"?']);
});
t.test('what could not be read ties with nothing', async (t) => {
    const { lines } = loadText(t, routes(route('a', '{ host: h, path: x }'), route('b', '{ host: h }'), '  - x\n'));
    t.match(lines, [/"path" must be/, /each item of "routes" must be a map/]);
});
t.test('match.listen names a listener', async (t) => {
    const lines = (listen) => loadText(t, routes(route('a', `{ listen: "${listen}" }`))).lines;
    t.same(lines('unix:/p'), []);
    t.same(lines('127.0.0.1:80'), []);
    t.same(lines('127.0.0.1:81'), ['4:22: "listen" does not name this address; it names 127.0.0.1:80, unix:/p']);
    const none = `routes:\n${route('a', '{ listen: "unix:/p" }')}`;
    t.match(loadText(t, none).lines, [/"listen" is missing/, /it names none/]);
    t.match(loadText(t, `listen: [x]\n${none}`).lines, [/must be an address/], 'not when one could not be read');
});
t.test('other than loopback addresses must be meant', async (t) => {
    const lines = (top) => loadText(t, top + withRoute().replace(/^listen.*\n/, '')).lines;
    for (const address of ['127.0.0.1:1', '127.1.2.3:1', '"[::1]:1"', 'localhost:1', 'unix:/p']) {
        t.same(lines(`listen: ${address}\n`), [], address);
    }
    for (const address of ['0.0.0.0:1', '"[::]:1"', 'example.com:1']) {
        t.match(lines(`listen: ${address}\n`), [/^1:9: .* is no loopback address/], address);
        t.same(lines(`listen: ${address}\nexposed: true\n`), [], address);
        t.match(lines(`listen: ${address}\nexposed: false\n`), [/no loopback/], address);
    }
    t.match(lines('listen: 127.0.0.1:1\nadmin: 0.0.0.0:9\n'), [/^2:8: 0.0.0.0:9 is no loopback address/]);
    t.match(lines('listen: 0.0.0.0:1\nexposed: yes\n'), [/^2:10: "exposed" must be/], 'not when that could not be read');
});
t.test('an address is listened on once', async (t) => {
    const lines = (listen, admin) => loadText(t, withRoute().replace('127.0.0.1:0', listen) + admin).lines;
    t.same(lines('[127.0.0.1:8, 127.0.0.1:8]', ''), ['1:23: 127.0.0.1:8 is listened on already']);
    t.same(lines('127.0.0.1:8', 'admin: 127.0.0.1:8\n'), ['6:8: 127.0.0.1:8 is listened on already']);
    t.same(lines('[unix:a, unix:./a]', '').length, 1);
    t.same(lines('[127.0.0.1:0, 127.0.0.1:0]', ''), []);
});
t.test('a certificate and its key come together', async (t) => {
    const lines = (...tls) => loadText(t, withRoute(...tls)).lines;
    t.same(lines('tls: { cert: a.pem }'), ['6:18: a client certificate needs its private key: "key"']);
    t.same(lines('tls: { key: a.pem }'), ['6:17: a private key needs its client certificate: "cert"']);
    t.same(lines('tls: { cert: a.pem, key: b.pem }'), []);
    t.match(lines('tls: { cert: a.pem, key: [] }'), [/"key" must be the path/], 'not when it could not be read');
    t.same(loadText(t, `defaults: { tls: { key: b.pem } }\n${withRoute('tls: { cert: a.pem }')}`).lines, []);
});
t.test('a problem of the defaults is told once, at the defaults', async (t) => {
    const two = withRoute() + route('b', '{ path: /b }');
    t.same(loadText(t, `defaults: { tls: { cert: a.pem } }\n${two}`).lines, [
        '1:26: a client certificate needs its private key: "key"',
    ]);
});
t.test('without the name there must be pins', async (t) => {
    const pin = `sha256/${Buffer.alloc(32).toString('base64')}`;
    const lines = (...tls) => loadText(t, withRoute(...tls)).lines;
    const message = 'without the name, "pins" must say which server is meant';
    t.same(lines('tls: { verifyHostname: false }'), [`6:28: ${message}`]);
    t.same(lines('tls: { verifyHostname: false, pins: [] }'), [`6:28: ${message}`]);
    t.same(lines(`tls: { verifyHostname: false, pins: ["${pin}"] }`), []);
    t.same(lines(`tls: { pins: ["${pin}"] }`), []);
    t.same(loadText(t, `defaults: { tls: { verifyHostname: false } }\n${withRoute()}`).lines, [`1:36: ${message}`]);
    t.match(lines('tls: { verifyHostname: false, pins: [x] }'), [/must be a pin/]);
    t.same(loadText(t, withRoute(`tls: { pins: ["${pin}"] }`)).config?.routes[0]?.tls.pins, [pin]);
});
//# sourceMappingURL=rules.test.js.map