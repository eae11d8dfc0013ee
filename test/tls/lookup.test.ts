import type { LookupAddress, LookupOptions, lookup } from 'node:dns';
import t from 'tap';
import { sharedLookup } from '../../src/tls/lookup.ts';

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** A resolver that the test answers for. */
function resolver() {
  const asked: { readonly hostname: string; readonly options: LookupOptions; readonly answer: Answer }[] = [];
  const ask = ((hostname: string, options: LookupOptions, answer: Answer) => {
    asked.push({ hostname, options, answer });
  }) as unknown as typeof lookup;
  return { asked, look: sharedLookup(ask) };
}

const addresses = [{ address: '127.0.0.1', family: 4 }];

t.test('who asks meanwhile waits for the same answer, and who asks soon after gets it', async (t) => {
  const { asked, look } = resolver();
  const told: unknown[] = [];
  const tell: Answer = (...answer) => void told.push(answer);
  for (let n = 0; n < 3; n += 1) look('device.test', { all: true }, tell);
  t.equal(asked.length, 1);
  t.match(asked[0], { hostname: 'device.test', options: { all: true } });
  t.same(told, []);
  asked[0]?.answer(null, addresses);
  t.same(told, Array(3).fill([null, addresses, undefined]));
  look('device.test', { all: true }, tell);
  t.equal(told.length, 3, 'never within the call');
  await Promise.resolve();
  t.same(told.at(-1), [null, addresses, undefined]);
  t.equal(asked.length, 1);
});

t.test('another name, or the same for another purpose, is another question', async (t) => {
  const { asked, look } = resolver();
  const nothing = (): void => undefined;
  for (const options of [{}, { family: 4 }, { hints: 32 }, { all: true }]) look('one.test', options, nothing);
  look('other.test', {}, nothing);
  t.equal(asked.length, 5);
  const told: unknown[] = [];
  look('one.test', { family: 4 }, (...answer) => void told.push(answer));
  asked[1]?.answer(null, '10.0.0.1', 4);
  t.same(told, [[null, '10.0.0.1', 4]]);
});

t.test('a failure is told to those who wait, and to nobody after them', async (t) => {
  const { asked, look } = resolver();
  const told: unknown[] = [];
  const tell: Answer = (error, address) => void told.push(error ?? address);
  look('device.test', {}, tell);
  look('device.test', {}, tell);
  const error = Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  asked[0]?.answer(error, '');
  t.same(told, [error, error]);
  look('device.test', {}, tell);
  t.equal(asked.length, 2);
  asked[1]?.answer(null, '10.0.0.1');
  t.equal(told.at(-1), '10.0.0.1');
});

t.test('after a second it is asked again', async (t) => {
  const { asked, look } = resolver();
  const nothing = (): void => undefined;
  look('device.test', {}, nothing);
  asked[0]?.answer(null, '10.0.0.1');
  const answered = performance.now();
  while (asked.length === 1) {
    look('device.test', {}, nothing);
    await new Promise((done) => setTimeout(done, 5));
  }
  t.ok(performance.now() - answered >= 999);
});
