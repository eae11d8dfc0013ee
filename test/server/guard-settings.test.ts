import t from 'tap';
import { guardOf } from '../../src/server/guard-settings.ts';
import { loadText, withRoute } from '../config/load-text.ts';

/** The names by which a configuration with these keys may be called; undefined: any. */
function hostsOf(t: Parameters<typeof loadText>[0], top: string, ...route: readonly string[]) {
  const text = top + withRoute(...route).replace(/^listen.*\n/, '');
  const { config, lines } = loadText(t, text, { TOKEN: 'tok' });
  if (config === undefined) throw new Error(lines.join('\n'));
  const { hosts } = guardOf(config);
  return hosts === undefined ? undefined : [...hosts].sort();
}

const always = ['127.0.0.1', '::1', 'h', 'localhost'];

t.test("the listeners' own names, the admin's too, and the routes' hosts", async (t) => {
  t.same(hostsOf(t, 'listen: 127.0.0.1:1\n'), always);
  const listeners = 'listen: ["127.0.0.9:1", "[::1]:1", localhost:2, unix:/p, systemd:a]\nadmin: 127.0.0.8:1\n';
  t.same(hostsOf(t, listeners), [...always, '127.0.0.8', '127.0.0.9'].sort());
  const hosts = 'listen: 127.0.0.1:1\nguard: { hosts: [Proxy.Test] }\n';
  t.same(hostsOf(t, hosts), [...always, 'proxy.test'].sort());
});

t.test('any name only where the proxy is exposed and has a token, and no names', async (t) => {
  const token = 'token: { env: TOKEN }';
  const hosts = 'hosts: [proxy.test]';
  const exposed = (address: string, ...keys: readonly string[]) =>
    hostsOf(t, `listen: "${address}"\nexposed: true\nguard: { ${keys.join(', ')} }\n`);
  t.equal(exposed('0.0.0.0:1', token), undefined);
  t.equal(exposed('127.0.0.1:1', token), undefined);
  t.same(exposed('0.0.0.0:1', token, hosts), [...always, 'proxy.test'].sort());
  t.same(
    exposed('0.0.0.0:1', hosts),
    [...always, 'proxy.test'].sort(),
    'the address of all addresses is the name of none',
  );
  t.same(exposed('[::]:1', hosts), [...always, 'proxy.test'].sort());
  t.same(exposed('127.0.0.1:1'), always, 'what nobody reaches needs no token, and is called by its own names');
  t.same(hostsOf(t, `listen: 127.0.0.1:1\nguard: { ${token} }\n`), always, 'a token alone opens no names');
});
