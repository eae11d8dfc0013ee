import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { setOwner, Users } from '../../../src/proxy/client-users.ts';
import { guard } from '../../../src/proxy/guard.ts';
import { own } from '../../fixtures/as-user.ts';
import { rawRequest } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';

const text = readFileSync(fileURLToPath(new URL('../../../../docs/guard.md', import.meta.url)), 'utf8');

/** The rows of the first table: what is refused (as plain text), its status and its `detail`, in which … is anything. */
const rows = new Map(
  [...text.matchAll(/^\| (.+) \| (\d{3})(?:, closed)? \| (.+) \| .*\|$/gm)].map(
    ([, rule = '', status, detail = '']) => {
      const pattern = detail.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return [rule.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'), { status, detail: new RegExp(`^${pattern.join('.+')}$`) }];
    },
  ),
);

const got = new Map<string, { status: string; detail: string }>();

/** Notes what a request comes to, under the rule it is refused by. */
async function note(t: Test, rule: string, port: number, request: string): Promise<void> {
  const wire = await rawRequest(t, port, request);
  // A CONNECT that is let in comes first.
  let head = await wire.head();
  if (/^HTTP\/1\.1 200 Connection/.test(head)) head = await wire.head();
  const { detail } = JSON.parse((await wire.until('}\n')).toString()) as { detail: string };
  t.ok(detail, rule);
  got.set(rule, { status: head.slice(9, 12), detail });
}

const localhost = 'Host: localhost\r\n';
const token = 'Proxy-Authorization: Bearer other\r\n';

t.test('web pages, names and CONNECT', async (t) => {
  const { proxy } = await startPair(t, { route: { match: { host: 'device.test' } } });
  const ask = (rule: string, request: string) => note(t, rule, proxy.port, request);
  await ask('a foreign Host', 'GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n');
  await ask('a web page of another origin', `GET / HTTP/1.1\r\n${localhost}Origin: http://evil.test\r\n\r\n`);
  await ask('what the browser calls cross-site', `GET / HTTP/1.1\r\n${localhost}Sec-Fetch-Site: cross-site\r\n\r\n`);
  await ask('`CONNECT` to a host without a route', `CONNECT evil.test:80 HTTP/1.1\r\n${localhost}\r\n`);
  await ask(
    'another host inside of a `CONNECT`',
    'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\nGET / HTTP/1.1\r\nHost: evil.test\r\n\r\n',
  );
});

t.test('tokens', async (t) => {
  const { proxy } = await startPair(t, { config: { guard: { token: 'tok' } } });
  const ask = (rule: string, fields: string) =>
    note(t, rule, proxy.port, `GET / HTTP/1.1\r\n${localhost}${fields}\r\n`);
  await ask('no token', '');
  await ask('another token', token);
  await ask('two tokens', token + token);
});

t.test('users', async (t) => {
  const { proxy } = await startPair(t, { config: { guard: { users: [own + 5] } } });
  await note(t, 'another user of this machine', proxy.port, `GET / HTTP/1.1\r\n${localhost}\r\n`);
  const socket = {} as Parameters<typeof setOwner>[0];
  setOwner(socket, { unknown: 'any reason' });
  try {
    guard({ socket, rawHeaders: [] } as unknown as Parameters<typeof guard>[0], {
      hosts: undefined,
      users: new Users([]),
    });
  } catch (error) {
    const { status, message } = error as { status: number; message: string };
    got.set('a connection whose user is not known', { status: String(status), detail: message });
  }
});

t.test('limits', async (t) => {
  const { proxy } = await startPair(t, { config: { limits: { connections: 1 } } });
  await rawRequest(t, proxy.port, '');
  await note(t, 'more clients than the process takes on', proxy.port, `GET / HTTP/1.1\r\n${localhost}\r\n`);
});

t.test('each row is what happens', async (t) => {
  t.ok(rows.size >= 12);
  for (const [rule, { status, detail }] of got) {
    const row = rows.get(rule);
    t.match({ status, detail }, row ?? { missing: rule }, rule);
  }
  const left = [...rows.keys()].filter((rule) => !got.has(rule));
  t.same(left, ['more connections of one other machine than it may have'], 'which takes another machine');
});
