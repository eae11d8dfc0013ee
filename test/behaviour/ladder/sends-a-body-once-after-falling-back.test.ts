import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { open } from '../../fixtures/client.ts';
import { offers, scene, seen, until12, without13 } from '../../fixtures/ladder.ts';
import { forgetPeak, peak, resident } from '../../fixtures/vitals.ts';
import { deferred } from '../../fixtures/wire.ts';

const tls = { versions: ['TLSv1.3', 'TLSv1.2'], remember: 0 };

t.test('A16 a POST of 5 MB behind a fallback arrives once, byte for byte', async (t) => {
  const { up, proxy, ask } = await scene(t, {
    decide: without13('reset'),
    server: until12,
    tls,
    route: { pool: { keepAlive: false } },
  });
  const body = randomBytes(5_000_000);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const chunks = Array.from({ length: 50 }, (_, n) => body.subarray(n * 100_000, (n + 1) * 100_000));
  for (const [framing, sent] of [
    ['content-length', body],
    ['transfer-encoding', Readable.from(chunks)],
  ] as const) {
    await t.test(`A16 framed by ${framing}`, async (t) => {
      const before = up.requests.length;
      const { reply, line } = await ask({ method: 'POST', body: sent });
      t.match(reply.json(), { method: 'POST', bytes: body.length, sha256, protocol: 'TLSv1.2' });
      t.match(line, { status: 200, bytesIn: body.length, attempts: offers('TLSv1.3+TLSv1.2', 'TLSv1.2').length });
      t.equal(line.replayed, false);
      t.equal(up.requests.length, before + 1, 'once');
      t.equal(up.requests.at(before).values(framing).length, 1);
    });
  }
  t.equal(proxy.log.all('fallback').length, 2);
});

t.test('A16 the body waits at the client while the ladder is climbed', async (t) => {
  const held = deferred<void>();
  const { up, front, proxy } = await scene(t, {
    async decide({ versions }) {
      if (versions.includes('TLSv1.3')) return 'reset';
      await held.promise;
      return 'pass';
    },
    server: until12,
    tls,
  });
  const ladder = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
  const chunk = randomBytes(1 << 20);
  const megabytes = 96; // more than the kernel's socket buffers hold
  let pulled = 0;
  const hash = createHash('sha256');
  const body = new Readable({
    read() {
      pulled += 1;
      if (pulled <= megabytes) hash.update(chunk);
      this.push(pulled <= megabytes ? chunk : null);
    },
  });
  const memory = await resident(proxy.pid);
  await forgetPeak(proxy.pid);
  const { response } = open(`${proxy.url}/iot/x`, { method: 'POST', body });
  await front.hellos.reach(ladder.length);
  // Until the client can write no more. Ending too early would only make this test see less.
  for (let before = -1; before < pulled; await pause(200)) before = pulled;
  t.ok(pulled < megabytes, `the client is held up after ${pulled} of ${megabytes} MB`);
  t.ok((await peak(proxy.pid)) - memory < 28 << 20, 'memory does not hold it');
  t.equal(up.accepted, 0);
  held.resolve();
  const incoming = await response;
  t.equal(incoming.statusCode, 200);
  incoming.resume();
  t.same(seen(front), ladder);
  t.equal(up.requests.length, 1);
  t.match(up.requests.at(0), { complete: true, bytes: megabytes << 20, sha256: hash.digest('hex') });
});
