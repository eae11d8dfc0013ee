import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { flap, idleClients, shout, trickle } from '../../fixtures/crowd.ts';
import { startFront } from '../../fixtures/front.ts';
import { join, startPair, trusting } from '../../fixtures/pair.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';
import { descriptors, forgetPeak, measured, peak, resident, settled } from '../../fixtures/vitals.ts';

/** A thousand sockets with a parser each cost some 10 MiB; the rest is a heap that V8 lets grow before it collects. */
const bound = 64 * 1024 * 1024;

const pool = { idleTimeout: '1s' };

/** How many descriptors there are once they are as few as before, or have had the time to be. */
async function descriptorsBackTo(before: number, pid: number): Promise<number> {
  const { length } = await settled(
    () => descriptors(pid),
    ({ length }) => length <= before,
  );
  return length;
}

/** The different ones. */
function statusLines(answers: readonly string[]): (string | undefined)[] {
  return [...new Set(answers.map((answer) => answer.split('\r\n')[0]))];
}

t.test('E13 1,000 idle clients, slow ones and huge heads hold up nobody and leave nothing behind', async (t) => {
  const { proxy, url } = await startPair(t, { route: { pool }, env: measured });
  const { pid, port } = proxy;
  const serve = async (requests: number): Promise<void> => {
    const statuses = new Set<number>();
    for (let n = 0; n < requests; n += 1) statuses.add((await send(url)).status);
    t.same([...statuses], [200], 'others are served');
  };
  const before = (await descriptors(pid)).length;
  await serve(100);
  const memory = await resident(pid);
  await forgetPeak(pid);
  const crowd = await idleClients(port, 1_000);
  const post =
    'POST /iot/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 20\r\n\r\na body of twenty byt';
  const [slow, huge] = await Promise.all([
    Promise.all(Array.from({ length: 50 }, () => trickle(port, post))),
    Promise.all(Array.from({ length: 50 }, (_, n) => shout(port, 17_000 + n * 4_000))),
    serve(100),
  ]);
  t.same(statusLines(slow), ['HTTP/1.1 200 OK']);
  t.same(statusLines(huge), ['HTTP/1.1 431 Request Header Fields Too Large']);
  t.equal(crowd.here, 1_000);
  t.ok((await descriptors(pid)).length >= before + 1_000);
  await crowd.leave();
  await serve(100);
  t.equal(await descriptorsBackTo(before, pid), before, 'no descriptor lost');
  t.ok((await peak(pid)) - memory < bound, 'flat memory');
});

t.test('E13 an upstream that works and resets in turn costs only its own requests', async (t) => {
  const up = await startUpstream(t, trusting);
  const front = await startFront(t, { to: up, decide: () => 'pass' });
  const { routes } = oneRoute(front.url, {}, { pool }) as { routes: object[] };
  const calm = { ...routes[0], name: 'calm', match: { path: '/calm' }, upstream: up.url };
  const { proxy, url } = await join(t, front, { config: { routes: [...routes, calm] }, env: measured });
  const { pid } = proxy;
  const calmUrl = `${proxy.url}/calm`;
  const before = (await descriptors(pid)).length;
  await flap({ front, url, calmUrl, go: (phase) => phase < 7 });
  const memory = await resident(pid);
  await forgetPeak(pid);
  const { replies, calm: undisturbed } = await flap({ front, url, calmUrl, go: (phase) => phase < 25 });
  t.same([...new Set(undisturbed.map(({ status }) => status))], [200], 'others are served');
  t.same([...new Set(replies.map(({ status }) => status))].sort(), [200, 502], 'and it is used whenever it works');
  t.equal(await descriptorsBackTo(before, pid), before, 'no descriptor lost');
  t.ok((await peak(pid)) - memory < bound, 'flat memory');
});
