import { Agent } from 'node:http';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { Journal } from '../../fixtures/journal.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';

const reloads = 20;
/** Requests between two reloads: 200 a second for 10 seconds are 2,000. */
const between = 100;
const concurrency = 16;

const identities = await Promise.all(
  Array.from({ length: reloads }, (_, n) => pki.ca.issue({ name: `client-${n + 1}`, usage: 'client' })),
);

t.test('C8 20 reloads under load: no request fails, and none that comes later has an older identity', async (t) => {
  const { url, proxy } = await startPair(t, { config: { log: { level: 'info' } } });
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  t.teardown(() => agent.destroy());
  const done = new Journal<string | undefined>('request');
  /** How many reloads are known to be over. */
  let over = 0;
  let running = true;
  const work = async (worker: number): Promise<void> => {
    while (running) {
      const least = over;
      const body = worker % 2 === 0 ? {} : { method: 'POST', body: 'x'.repeat(1000) };
      const failure = await send(url, { agent, ...body }).then(
        (reply) => {
          if (reply.status !== 200) return `${reply.status} ${reply.text()}`;
          const { client } = reply.json<{ client: string }>();
          const at = client === 'client' ? 0 : Number(client.slice('client-'.length));
          return at < least ? `${client} after reload ${least}` : undefined;
        },
        (error: Error) => error.message,
      );
      done.push(failure);
    }
  };
  const workers = Promise.all(Array.from({ length: concurrency }, (_, worker) => work(worker)));
  for (const { chain, key } of identities) {
    await done.reach(done.length + between);
    const line = await swap(proxy, async () => {
      await replaceFiles(proxy.directory, { 'client.crt': chain, 'client.key': key });
      proxy.signal('SIGHUP');
    });
    over = Number(line['generation']) - 1;
  }
  await done.reach(done.length + between);
  running = false;
  await workers;
  t.same(
    done.all().filter((failure) => failure !== undefined),
    [],
  );
  t.equal(over, reloads);
  t.ok(done.length > reloads * between);
});
