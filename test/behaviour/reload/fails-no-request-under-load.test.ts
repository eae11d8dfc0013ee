import { Agent } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { send } from '../../fixtures/client.ts';
import { Journal } from '../../fixtures/journal.ts';
import { mount } from '../../fixtures/mount.ts';
import { pki, startPair } from '../../fixtures/pair.ts';
import { replaceFiles, swap } from '../../fixtures/reload.ts';

const reloads = 20;
/** Requests between two reloads: 200 a second for 10 seconds are 2,000. */
const between = 100;
const concurrency = 16;

const identities = await Promise.all(
  Array.from({ length: reloads }, (_, n) => pki.ca.issue({ name: `client-${n + 1}`, usage: 'client' })),
);

/** Requests one after another, some at a time, until they are told to stop. */
class Load {
  /** How many rotations are known to be over. */
  over = 0;
  /** Of each request what was wrong with it: it failed, or went out by an identity that had been replaced when it began. */
  readonly done = new Journal<string | undefined>('request');
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  readonly #workers: Promise<unknown>;
  #running = true;

  constructor(url: string) {
    this.#url = url;
    this.#workers = Promise.all(Array.from({ length: concurrency }, (_, worker) => this.#work(worker)));
  }

  /** So many more requests have ended. */
  async more(count: number): Promise<void> {
    await this.done.reach(this.done.length + count);
  }

  /** @returns what was wrong */
  async stop(): Promise<readonly string[]> {
    this.#running = false;
    await this.#workers;
    this.#agent.destroy();
    return this.done.all().filter((failure) => failure !== undefined);
  }

  async #work(worker: number): Promise<void> {
    const body = worker % 2 === 0 ? {} : { method: 'POST', body: 'x'.repeat(1000) };
    while (this.#running) {
      const least = this.over;
      const failure = await send(this.#url, { agent: this.#agent, ...body }).then(
        (reply) => {
          if (reply.status !== 200) return `${reply.status} ${reply.text()}`;
          const { client } = reply.json<{ client: string }>();
          const at = client === 'client' ? 0 : Number(client.slice('client-'.length));
          return at < least ? `${client} after rotation ${least}` : undefined;
        },
        (error: Error) => error.message,
      );
      this.done.push(failure);
    }
  }
}

t.test('C8 20 reloads under load: no request fails, and none that comes later has an older identity', async (t) => {
  const { url, proxy } = await startPair(t, { config: { log: { level: 'info' } } });
  const load = new Load(url);
  for (const { chain, key } of identities) {
    await load.more(between);
    const line = await swap(proxy, async () => {
      await replaceFiles(proxy.directory, { 'client.crt': chain, 'client.key': key });
      proxy.signal('SIGHUP');
    });
    load.over = Number(line['generation']) - 1;
  }
  await load.more(between);
  t.same(await load.stop(), []);
  t.equal(load.over, reloads);
  t.ok(load.done.length > reloads * between);
});

t.test('C4, C8 three swaps of `..data` under load, each noticed, and three at once: no request fails', async (t) => {
  const folder = t.testdir({});
  const pairs = identities.map(({ chain, key }) => ({ 'tls.crt': chain, 'tls.key': key }));
  const put = await mount(folder, { 'tls.crt': pki.client.chain, 'tls.key': pki.client.key });
  const tls = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const { url, proxy } = await startPair(t, { tls, config: { log: { level: 'info' } } });
  const load = new Load(url);
  for (const [n, pair] of pairs.slice(0, 3).entries()) {
    await load.more(between);
    await swap(proxy, () => put(pair));
    load.over = n + 1;
  }
  await load.more(between);
  const from = load.done.length;
  for (const pair of pairs.slice(3, 6)) await put(pair);
  // A look at the files in between may find one version's certificate and the next one's key: refused, and looked at again.
  let seen = '';
  while (seen !== 'client-6' && load.done.length < from + 10_000)
    seen = (await send(url)).json<{ client: string }>().client;
  t.equal(seen, 'client-6');
  load.over = 6;
  await load.more(between);
  t.same(await load.stop(), []);
});
