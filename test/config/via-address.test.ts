import t from 'tap';
import { Mismatch } from '../../src/config/scalars.ts';
import { parseProxy, parseVia } from '../../src/config/via-address.ts';

t.test('a proxy by its URL', async (t) => {
  t.same(parseProxy('http://Egress.example:3128'), { hostname: 'egress.example', port: 3128 });
  t.same(parseProxy('HTTP://[::1]:80/'), { hostname: '::1', port: 80 });
  t.same(parseVia('http://10.0.0.1:8080'), { hostname: '10.0.0.1', port: 8080 });
  t.equal(parseVia('none'), 'none');
});

t.test('credentials are percent-decoded, and end at the last @', async (t) => {
  const credentials = (text: string) => {
    const { username, password, hostname, port } = parseProxy(`http://${text}@h:1`);
    t.same([hostname, port], ['h', 1]);
    return [username, password];
  };
  t.same(credentials('user:pass'), ['user', 'pass']);
  t.same(credentials('user'), ['user', '']);
  t.same(credentials('user:'), ['user', '']);
  t.same(credentials(':pass'), ['', 'pass']);
  t.same(credentials('dom%5Cuser:p%40s%3As%2f%25'), ['dom\\user', 'p@s:s/%']);
  t.same(credentials('u:a:b'), ['u', 'a:b']);
  t.same(credentials('u:p@/#?x'), ['u', 'p@/#?x']);
  t.same(credentials('J%C3%B6rg:gr%C3%BCn'), ['Jörg', 'grün']);
});

t.test('what is none says why', async (t) => {
  const port = 'the port is missing, and what it would be differs from program to program';
  const bad = {
    'http://h': port,
    'http://u:p@h': port,
    'http://[::1]': port,
    'http://h:0': 'the port is out of range',
    'http://h:65536': 'the port is out of range',
    'https://h:1': 'TLS to the proxy itself is not supported; name its port for plain HTTP with http://',
    'socks5h://h:1': 'SOCKS is not supported; name an HTTP proxy that allows CONNECT',
    'SOCKS4://h:1': 'SOCKS is not supported; name an HTTP proxy that allows CONNECT',
    'ftp://h:1': '',
    'h:1': 'write http:// in front',
    direct: 'write http:// in front',
    'http://:1': '',
    'http://h:x': '',
    'http://h:1/path': '',
    'http://h:1?q': '',
    'http://a b:1': '',
    'http://50%:p@h:1': 'a % in the user name or the password is written %25',
    'http://u:50%@h:1': 'a % in the user name or the password is written %25',
  };
  for (const [text, reason] of Object.entries(bad)) t.throws(() => parseProxy(text), new Mismatch(reason), text);
});
