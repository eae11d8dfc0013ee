import { networkInterfaces } from 'node:os';
import t from 'tap';
import { check } from '../../fixtures/checking.ts';
import { send } from '../../fixtures/client.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute } from '../../fixtures/proxy.ts';

/** An address of this machine that others reach, or else loopback by its number. */
const outside =
  Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1';

t.test('E5 an address that is not loopback is an error at its place, unless that is meant', async (t) => {
  const found = async (keys: object) =>
    (await check(t, { ...oneRoute('https://device.test'), ...keys }, pkiFiles(pki))).found;
  for (const listen of ['0.0.0.0:8080', '[::]:8080', '192.0.2.1:8080', 'device.test:8080', '0:8080']) {
    const [problem] = await found({ listen });
    t.match(
      problem,
      { severity: 'error', message: /is no loopback address.*"exposed: true" if that is meant/ },
      listen,
    );
    t.ok(problem?.at.replace('"', '').startsWith(listen), listen);
  }
  t.match(await found({ admin: '0.0.0.0:9901' }), [{ severity: 'error', at: '0.0.0.0:9901' }]);
  t.match(await found({ listen: '0.0.0.0:8080', exposed: true }), [
    { severity: 'warning', message: /can be reached from other machines/ },
    { severity: 'error', at: 'true', message: /who may use the proxy from other machines\?.*token.*hosts/ },
  ]);
});

t.test('E5 the start says what is exposed, to whom, in the log and beside it', async (t) => {
  const token = 'marked-token';
  const { proxy } = await startPair(t, {
    config: {
      listen: ['127.0.0.1:0', '0.0.0.0:0'],
      admin: '0.0.0.0:0',
      exposed: true,
      guard: { token: { env: 'TOKEN' } },
    },
    env: { TOKEN: token },
  });
  const lines = proxy.log.all('listening');
  t.match(lines, [{ address: /^127/ }, { address: /^0\.0\.0\.0/, exposed: true }, { admin: true, exposed: true }]);
  t.notOk('exposed' in (lines[0] ?? {}));
  const port = proxy.addresses[1]?.split(':')[1];
  const url = `http://${outside}:${port}/iot`;
  t.equal((await send(url)).status, 407);
  const headers = { 'Proxy-Authorization': `Bearer ${token}` };
  t.equal((await send(url, { headers: { ...headers, Host: 'any.name.test' } })).status, 200, 'by any name');
  const { stderr } = await proxy.stop();
  const admin = lines[2]?.address ?? '';
  t.match(
    stderr,
    `mtls-proxy: EXPOSED to other machines: ${proxy.addresses[1]}, ${admin}. Whoever there has the token`,
  );
  t.notMatch(stderr, token);
});

t.test('E5 without a token it says that everybody may', async (t) => {
  const { proxy } = await startPair(t, {
    config: { listen: '0.0.0.0:0', exposed: true, guard: { hosts: ['proxy.test'] } },
  });
  const ask = (host: string) => send(`http://${outside}:${proxy.port}/iot`, { headers: { Host: host } });
  t.equal((await ask('proxy.test')).status, 200);
  for (const host of [`0.0.0.0:${proxy.port}`, '0', 'evil.test']) t.equal((await ask(host)).status, 403, host);
  t.match(
    (await proxy.stop()).stderr,
    /EXPOSED to other machines: 0\.0\.0\.0:\d+\. Everybody there .*no `guard\.token`.*proxy\.test/,
  );
});

t.test('E1 `exposed` without such an address opens nothing', async (t) => {
  const { proxy, url, up } = await startPair(t, { config: { exposed: true } });
  t.equal((await send(url, { headers: { Host: 'evil.test' } })).status, 403);
  t.equal(up.accepted, 0);
  t.equal((await proxy.stop()).stderr, '');
});

t.test('guard.users beside it: nobody there may', async (t) => {
  const own = process.getuid?.() ?? 0;
  const { proxy } = await startPair(t, {
    config: { listen: '0.0.0.0:0', exposed: true, guard: { hosts: ['proxy.test'], users: [own] } },
  });
  const reply = await send(`http://127.0.0.1:${proxy.port}/iot`);
  t.equal(reply.status, 200, 'a program of this machine');
  t.match((await proxy.stop()).stderr, /EXPOSED .*`guard\.users` lets in users of this machine only/);
});
