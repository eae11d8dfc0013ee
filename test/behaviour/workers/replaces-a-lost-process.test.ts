import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { open, send } from '../../fixtures/client.ts';
import { startPair } from '../../fixtures/pair.ts';
import { oneRoute } from '../../fixtures/proxy.ts';
import { reconfigure, refusal } from '../../fixtures/reload.ts';
import { untilServedBy } from '../../fixtures/workers.ts';

t.test('a process that is killed takes only its own requests with it, and another one takes its place', async (t) => {
  const slow: (() => void)[] = [];
  let cut = 0;
  const { proxy, url } = await startPair(t, {
    config: { workers: 2 },
    handler: (request, response) => {
      if (request.url !== '/slow') return void response.end('ok');
      response.write('begin');
      slow.push(() => response.end('-end'));
      response.once('close', () => {
        if (!response.writableFinished) cut += 1;
      });
    },
  });
  const pids = await untilServedBy(proxy, `${url}/x`, 2);
  const running = await Promise.all(Array.from({ length: 4 }, () => open(`${url}/slow`).response));
  const [victim, other] = pids as [number, number];
  process.kill(victim, 'SIGKILL');
  const after = await untilServedBy(proxy, `${url}/x`, 2);
  t.notOk(after.includes(victim));
  t.ok(after.includes(other));
  for (const finish of slow) finish();
  const ends = await Promise.all(running.map(textOf));
  t.equal(ends.filter((end) => end === 'cut').length, cut, 'what went through it');
  t.equal(ends.filter((end) => end === 'begin-end').length, ends.length - cut, 'and nothing else');
  const { code, stderr } = await proxy.stop();
  t.equal(code, 0);
  t.match(
    stderr,
    new RegExp(`^mtls-proxy: the worker ${victim} has ended \\(SIGKILL\\); another one takes its place\n$`),
  );
});

async function textOf(response: IncomingMessage): Promise<string> {
  try {
    let text = '';
    for await (const chunk of response) text += chunk;
    return text;
  } catch {
    return 'cut';
  }
}

t.test('when the one that was started is killed, none is left behind', async (t) => {
  const { proxy, url } = await startPair(t, { config: { workers: 2 } });
  await untilServedBy(proxy, `${url}/x`, 2);
  const { signal } = await proxy.kill();
  t.equal(signal, 'SIGKILL');
  // The end of its output, which kill() has waited for, is that of all who share it.
  await t.rejects(send(`${url}/x`), { code: 'ECONNREFUSED' });
});

/** The processes that one has started and that have not ended (proc(5)). */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.trim().split(' ').map(Number);
}

t.test('E11 one that is only being started does not hold up the end', async (t) => {
  const { proxy, url } = await startPair(t, { config: { workers: 2 } });
  const pids = await untilServedBy(proxy, `${url}/x`, 2);
  process.kill(pids[0] as number, 'SIGKILL');
  while ((await childrenOf(proxy.pid)).every((pid) => pids.includes(pid))) await turn();
  t.match(await proxy.stop(), { code: 0, signal: null });
  t.match(proxy.log.all('stopped'), [{ inFlight: 0 }]);
});

t.test('C6 one that is lost while the files are refused has a successor once they are right again', async (t) => {
  const { up, proxy, url } = await startPair(t, { config: { workers: 2 } });
  const pids = await untilServedBy(proxy, `${url}/x`, 2);
  await refusal(proxy, () => reconfigure(proxy, 'listen: nowhere\n'));
  process.kill(pids[0] as number, 'SIGKILL');
  const isNew = (pid: number) => !pids.includes(pid);
  let tried: number | undefined;
  while (tried === undefined) {
    await turn();
    tried = (await childrenOf(proxy.pid)).find(isNew);
  }
  while ((await childrenOf(proxy.pid)).includes(tried)) await turn();
  t.equal((await send(`${url}/x`)).status, 200, 'the other one goes on with what it has');
  await reconfigure(proxy, { ...oneRoute(up.url), workers: 2 });
  t.equal((await untilServedBy(proxy, `${url}/x`, 2)).length, 2);
  t.match(await proxy.stop(), { code: 0, stderr: /another one takes its place\n.*"routes" is missing/ });
});
