import type { ServerResponse } from 'node:http';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { reconfigure, reloading } from '../../fixtures/reload.ts';

t.test('E12 a reload during a drain is not made, and that is said', async (t) => {
  let answer!: ServerResponse;
  const { up, url, proxy } = await startPair(t, { handler: (_request, response) => (answer = response) });
  const running = send(url);
  await up.requests.first();
  const exit = proxy.stop();
  await proxy.log.next('draining');
  await reconfigure(proxy, { ...oneRoute(up.url), listen: 'localhost:0', drain: 0 });
  const line = await reloading(proxy, () => proxy.signal('SIGHUP'));
  t.match(line, { level: 30, generation: 1, changed: [], problems: [/the proxy is stopping/] });
  answer.end('done');
  t.equal((await running).text(), 'done');
  t.match(await exit, { code: 0, stderr: '' });
  t.same(
    proxy.log.all().map(({ msg }) => msg),
    ['listening', 'handshake', 'draining', 'reload', 'request', 'stopped'],
  );
});
