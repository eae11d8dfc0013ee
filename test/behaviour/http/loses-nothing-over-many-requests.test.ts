import t from 'tap';
import { load, unaccounted } from '../../fixtures/load.ts';
import { startLoadUpstream } from '../../fixtures/load-upstream.ts';
import { join, trusting } from '../../fixtures/pair.ts';
import { connectionsTo, descriptors, forgetPeak, measured, peak, resident, settled } from '../../fixtures/vitals.ts';

/** Room for a heap that V8 lets grow before it collects; one response in thirty that stayed would be more. */
const bound = 48 * 1024 * 1024;

const maxConnections = 16;

t.test('D15 of 3,000 requests, 300 given up and 100 ruined, nothing stays', async (t) => {
  const up = await startLoadUpstream(t, trusting);
  const { proxy, url } = await join(t, up, { route: { pool: { maxConnections, idleTimeout: '1s' } }, env: measured });
  const { pid, log } = proxy;
  const before = (await descriptors(pid)).length;
  const first = await load({ url, requests: 1_000, seed: 5 });
  const memory = await resident(pid);
  await forgetPeak(pid);
  const second = await load({ url, requests: 2_000, seed: 5, from: 1_000 });
  t.ok((await peak(pid)) - memory < bound, 'flat memory');
  t.same([...first.wrong, ...second.wrong], []);
  t.ok((await connectionsTo(up.port)) <= maxConnections, 'no more connections than the pool may have');
  const back = await settled(
    () => descriptors(pid),
    ({ length }) => length <= before,
  );
  t.equal(back.length, before, `no descriptor lost: ${back.join(' ')}`);
  await proxy.stop();
  const expected = new Map([...first.expected, ...second.expected]);
  t.same(unaccounted({ expected }, log.all()), [], 'every request is logged once, with its cause');
});
