import t from 'tap';
import { createLog } from '../../src/log.ts';
import type { CertificateEnd } from '../../src/tls/validity.ts';
import { type Clock, ExpiryWatch } from '../../src/upstream/expiry.ts';
import { Log } from '../fixtures/proxy.ts';

const day = 24 * 60 * 60 * 1000;
const start = Date.parse('2026-01-01T00:00:00Z');
const ending = (kind: CertificateEnd['kind'], days: number): CertificateEnd => ({
  kind,
  subject: `CN=${kind}`,
  notBefore: '2025-01-01T00:00:00.000Z',
  notAfter: new Date(start + days * day).toISOString(),
});

/** A clock that stands until it is told that a day has passed. */
class Days implements Clock {
  #passed = 0;
  #callbacks: (() => void)[] = [];
  readonly now = () => start + this.#passed * day;
  readonly every: Clock['every'] = (ms, callback) => {
    t.equal(ms, day);
    this.#callbacks.push(callback);
    return () => {
      this.#callbacks = this.#callbacks.filter((each) => each !== callback);
    };
  };

  pass(): void {
    this.#passed += 1;
    for (const callback of this.#callbacks) callback();
  }
}

async function watch(own: readonly CertificateEnd[], clock?: Clock) {
  const log = new Log();
  const { logger } = await createLog({ level: 'info', format: 'json', stream: { write: (line) => log.add(line) } });
  const expiry = new ExpiryWatch('iot', own, logger, clock);
  const said = () =>
    log.lines
      .all()
      .splice(0)
      .map(({ kind, daysLeft }) => `${kind} ${daysLeft}`);
  let read = 0;
  const fresh = () => {
    const all = said();
    const found = all.slice(read);
    read = all.length;
    return found;
  };
  return { expiry, log, fresh };
}

t.test('B6 told at start and daily, below 30 days', async (t) => {
  const clock = new Days();
  const { expiry, log, fresh } = await watch([ending('client', 31), ending('chain', -3)], clock);
  t.match(log.lines.all(), [
    {
      level: 40,
      msg: 'certificate',
      route: 'iot',
      kind: 'chain',
      subject: 'CN=chain',
      notAfter: '2025-12-29T00:00:00.000Z',
    },
  ]);
  t.same(fresh(), ['chain -3']);
  clock.pass();
  t.same(fresh(), ['chain -4'], '30 days left are not told');
  clock.pass();
  t.same(fresh(), ['client 29', 'chain -5']);
  expiry.end();
  clock.pass();
  t.same(fresh(), [], 'not when the route is gone');
});

t.test('the server’s last one, when it is new', async (t) => {
  const clock = new Days();
  const { expiry, fresh } = await watch([ending('client', 365)], clock);
  t.same(expiry.certificates, [ending('client', 365)]);
  expiry.saw(ending('server', 10));
  t.same(fresh(), ['server 10']);
  expiry.saw(ending('server', 10));
  t.same(fresh(), [], 'the same again');
  clock.pass();
  t.same(fresh(), ['server 9']);
  expiry.saw(ending('server', 365));
  t.same(expiry.certificates, [ending('client', 365), ending('server', 365)]);
  clock.pass();
  t.same(fresh(), [], 'it was renewed');
  expiry.end();
});

t.test('by the real clock', async (t) => {
  const { expiry, fresh } = await watch([ending('client', -1)]);
  t.match(fresh(), [/^client -\d+$/]);
  expiry.end();
});
