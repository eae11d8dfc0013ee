import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { other, own, sendAs } from '../../fixtures/as-user.ts';
import { check } from '../../fixtures/checking.ts';
import { rawRequest, send } from '../../fixtures/client.ts';
import { type Problem, pki, startPair, trusting } from '../../fixtures/pair.ts';
import { permission, uncovered } from '../../fixtures/permission.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { reconfigure, swap } from '../../fixtures/reload.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';

const somebody = own + 5;

async function folder(t: Scope): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'users-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

t.test('guard.users: a user that is listed', async (t) => {
  const { url, proxy } = await startPair(t, {
    config: { listen: ['127.0.0.1:0', '[::1]:0'], guard: { users: [somebody, own] } },
  });
  t.equal((await send(url)).status, 200);
  t.equal((await send(`http://${proxy.addresses[1]}/iot`)).status, 200, 'over IPv6');
});

t.test('guard.users: a user that is not listed: 403 for every kind of request, and no handshake', async (t) => {
  const { up, url, proxy, logged } = await startPair(t, {
    config: { admin: '127.0.0.1:0', guard: { users: [somebody] } },
    route: { match: { path: '/iot', host: 'device.test' } },
  });
  const wanted = new RegExp(`of the user ${own}; .* add ${own} to \`guard\\.users\``);
  const reply = await send(url, { headers: { Host: 'device.test' } });
  t.equal(reply.status, 403);
  t.match(reply.json<Problem>(), { cause: 'guard', detail: wanted });
  t.match(reply.headers['proxy-status'], /^mtls-proxy; error=http_request_denied; /);
  t.match(await logged(), { status: 403, cause: 'guard' });
  for (const request of [
    'GET /iot HTTP/1.1\r\nHost: device.test\r\n\r\n',
    'GET /iot HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    'POST /iot HTTP/1.1\r\nHost: device.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    'CONNECT device.test:80 HTTP/1.1\r\nHost: device.test:80\r\n\r\n',
    'GET /iot HTTP/1.1\r\nHost: device.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ]) {
    const wire = await rawRequest(t, proxy.port, request);
    t.match(await wire.head(), /^HTTP\/1\.1 403 .*\r\nConnection: close\r\n/s, request);
    t.match(JSON.parse((await wire.until('}\n')).toString()), { cause: 'guard', detail: wanted });
    t.equal(await wire.ended, 'end', 'the connection is closed');
  }
  const admin = await send(`${proxy.admin}/metrics`);
  t.match({ status: admin.status, ...admin.json() }, { status: 403, cause: 'guard', detail: wanted });
  t.equal(up.accepted, 0);
});

t.test("guard.users: another user's program", async (t) => {
  const { url } = await startPair(t, { config: { guard: { users: [other] } } });
  t.match(await sendAs(other, url), { status: 200 });
  const { status, text } = await sendAs(own, url);
  // Who is not root can be nobody else.
  if (own !== other) t.match({ status, text }, { status: 403, text: new RegExp(`of the user ${own};`) });
  else t.equal(status, 200);
});

t.test('guard.users: after a reload, connections that are open are asked as well', async (t) => {
  const { url, proxy, up } = await startPair(t);
  const get = 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const wire = await rawRequest(t, proxy.port, get);
  t.match(await wire.head(), /^HTTP\/1\.1 200 /);
  await swap(proxy, () => reconfigure(proxy, { ...oneRoute(up.url), guard: { users: [somebody] } }));
  const another = await rawRequest(t, proxy.port, get);
  t.match(await another.head(), /^HTTP\/1\.1 403 /);
  await wire.write(get);
  await wire.until(/HTTP\/1\.1 403 /);
  t.equal((await send(url)).status, 403);
});

t.test('E6 guard.users: a Unix socket for its owner only lets in its owner, another mode is an error', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  await startPair(t, { config: { listen: `unix:${unix}`, guard: { users: [own] } } });
  t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);

  const found = async (listen: object, users: number[]) => {
    const config = { ...oneRoute('https://device.test'), listen, guard: { users } };
    return (await check(t, config, pkiFiles(pki))).found.filter(({ severity }) => severity === 'error');
  };
  t.match(await found({ unix, mode: '0660' }, [own]), [{ at: /^unix: /, message: /its mode must be "0600"/ }]);
  t.match(await found({ unix }, [somebody]), [{ message: new RegExp(`add ${own} to "users"`) }]);
  t.same(await found({ unix }, [own]), []);
});

t.test('E6 guard.users: a socket that was open to others lets in nobody until a restart', async (t) => {
  const unix = join(await folder(t), 'p.sock');
  const { proxy, up } = await startPair(t, { config: { listen: { unix, mode: '0660' } } });
  t.equal((await send('http://localhost/iot', { socketPath: unix })).status, 200);
  await swap(proxy, () => reconfigure(proxy, { ...oneRoute(up.url), listen: { unix }, guard: { users: [own] } }));
  const reply = await send('http://localhost/iot', { socketPath: unix });
  t.match({ status: reply.status, ...reply.json() }, { status: 403, detail: /open to more than one user.*restart/ });
});

t.test("guard.users: under Node's permission model, with the flags that docs/security.md names", async (t) => {
  const up = await startUpstream(t, trusting);
  const run = (users: number[], ...read: readonly string[]) =>
    runProxy(t, {
      config: { ...oneRoute(up.url), guard: { users } },
      files: pkiFiles(pki),
      launch: ([node, script = '', ...args]) => {
        const directory = dirname(args.at(-1) ?? '');
        return [...uncovered, node, '--no-warnings', ...permission(directory, ...read), script, ...args];
      },
    });
  const proxy = await run([own], '/proc/self/', '/proc/net/');
  t.equal((await send(`${proxy.url}/iot`)).status, 200);
  await t.rejects(run([own], '/proc/self/'), /proxy\.yaml:\d+:\d+: cannot read \/proc\/net\/tcp.*--allow-fs-read/);
});
