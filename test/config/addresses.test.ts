import t from 'tap';
import {
  formatListen,
  isLoopback,
  parseHost,
  parseListen,
  parsePrefix,
  parseUpstream,
} from '../../src/config/addresses.ts';
import { Mismatch } from '../../src/config/scalars.ts';

t.test('listen addresses', async (t) => {
  t.same(parseListen('127.0.0.1:8080'), { host: '127.0.0.1', port: 8080 });
  t.same(parseListen('[::1]:0'), { host: '::1', port: 0 });
  t.same(parseListen('LocalHost:80'), { host: 'localhost', port: 80 });
  t.same(parseListen('unix:run/p.sock'), { unix: 'run/p.sock', mode: 0o600 });
  t.same(parseListen('systemd'), { systemd: '' });
  t.same(parseListen('systemd:mtls-proxy.socket'), { systemd: 'mtls-proxy.socket' });
  const bad = {
    '8080': 'write 127.0.0.1: before the port',
    ':8080': 'the host is missing; for this machine only it is 127.0.0.1',
    '::1:8080': 'an IPv6 address stands in brackets',
    'h:65536': 'the highest port is 65535',
    'unix:': '',
    'systemd:': "behind systemd: stands the socket's FileDescriptorName=",
    'systemd:a:b': "behind systemd: stands the socket's FileDescriptorName=",
    'a b:1': '',
    localhost: '',
  };
  for (const [text, reason] of Object.entries(bad)) t.throws(() => parseListen(text), new Mismatch(reason), text);
});

t.test('an address has one spelling', async (t) => {
  for (const text of ['127.0.0.1:8080', '[::1]:0', 'unix:/run/p.sock', 'systemd', 'systemd:web']) {
    t.equal(formatListen(parseListen(text)), text);
  }
  t.equal(formatListen(parseListen('[0:0:0:0:0:0:0:1]:7')), '[::1]:7');
});

t.test('loopback is what only this machine reaches', async (t) => {
  for (const text of [
    '127.0.0.1:1',
    '127.9.9.9:1',
    '[::1]:1',
    'localhost:1',
    'unix:/x',
    '[::ffff:127.0.0.1]:1',
    'systemd:a',
  ]) {
    t.ok(isLoopback(parseListen(text)), text);
  }
  for (const text of ['0.0.0.0:1', '[::]:1', '10.0.0.1:1', 'example.com:1', 'localhost.example.com:1', '128.0.0.1:1']) {
    t.notOk(isLoopback(parseListen(text)), text);
  }
});

t.test('hosts', async (t) => {
  t.equal(parseHost('API.Example.com'), 'api.example.com');
  t.equal(parseHost('bücher.example'), 'xn--bcher-kva.example');
  t.equal(parseHost('[::1]'), '::1');
  t.equal(parseHost('2001:DB8::1'), '2001:db8::1');
  t.throws(() => parseHost('h:80'), new Mismatch('the port does not belong here'));
  for (const text of ['', '*.example.com', 'a/b', '[::g]', '300.1.1.1', '[1.2]'])
    t.throws(() => parseHost(text), Mismatch, text);
});

t.test('path prefixes', async (t) => {
  t.equal(parsePrefix('/iot'), '/iot');
  t.equal(parsePrefix('/iot/'), '/iot');
  t.equal(parsePrefix('/'), '/');
  t.equal(parsePrefix('/a%2Fb/..'), '/a%2Fb/..');
  for (const text of ['iot', '', '/a b', '/a?b', '/a#b', '/ä']) t.throws(() => parsePrefix(text), Mismatch, text);
});

t.test('upstreams', async (t) => {
  t.same(parseUpstream('https://Device.example.com:8743/api/'), {
    hostname: 'device.example.com',
    port: 8743,
    authority: 'device.example.com:8743',
    path: '/api',
  });
  t.same(parseUpstream('HTTPS://[::1]'), { hostname: '::1', port: 443, authority: '[::1]', path: '' });
  t.same(parseUpstream('https://h:443/'), { hostname: 'h', port: 443, authority: 'h', path: '' });
  t.equal(parseUpstream('https://h/a/../%7e//b;c').path, '/a/../%7e//b;c', 'the base path keeps its bytes');
  const bad = {
    'http://h': 'this proxy speaks TLS to the upstream',
    'https://u:p@h/': 'credentials do not belong here',
    'https://h/?q': 'a query or fragment does not belong here',
    'https://h?q': 'a query or fragment does not belong here',
    'https://h/#f': 'a query or fragment does not belong here',
    'https://h:0': 'the port is out of range',
    'https://h:65536': 'the port is out of range',
    'https://h/a b': 'spaces and other than ASCII characters of a path are percent-encoded',
    'https://h:x': '',
    'https://': '',
    h: '',
  };
  for (const [text, reason] of Object.entries(bad)) t.throws(() => parseUpstream(text), new Mismatch(reason), text);
});
