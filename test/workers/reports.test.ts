import t from 'tap';
import { createLog } from '../../src/log.ts';
import { type Family, family } from '../../src/stats/family.ts';
import { ReloadStats } from '../../src/stats/reload-stats.ts';
import { type Report, Reports } from '../../src/workers/reports.ts';

const { logger } = await createLog({ level: 'silent', format: 'json', stream: { write: () => undefined } });

const counts = (requests: number): readonly Family[] => [
  family('counter', 'requests_total', 'Requests.', [{ labels: { route: 'a' }, value: requests }]),
  family('histogram', 'seconds', 'Time.', [
    { labels: { le: '1' }, value: requests, metricName: 'mtls_proxy_seconds_bucket' },
    { labels: {}, value: requests / 2, metricName: 'mtls_proxy_seconds_sum' },
  ]),
  family('gauge', 'open', 'Now.', [{ labels: {}, value: 1 }]),
];

/** Workers by their ids, with what they have counted. */
function start(serving: Map<number, number>) {
  let answered = (): unknown => undefined;
  const reports = new Reports({
    guard: () => ({ hosts: new Set() }),
    logger,
    ask: async () => {
      const answers = [...serving].map(([pid, requests]) => ({
        pid,
        answer: { figures: counts(requests) } as unknown as Report,
      }));
      await answered();
      return answers;
    },
    serves: (pid) => serving.has(pid),
    own: () => ({ generation: 1, started: '', uptimeSeconds: 0, notReady: [], draining: false, listeners: [] }),
    reloads: new ReloadStats(),
  });
  const read = async () => {
    const { text } = await reports.metrics(0);
    const of = (series: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      );
    return {
      requests: of('mtls_proxy_requests_total{route="a"}'),
      bucket: of('mtls_proxy_seconds_bucket{le="1"}'),
      sum: of('mtls_proxy_seconds_sum'),
      open: of('mtls_proxy_open'),
    };
  };
  const lose = (pid: number): void => {
    serving.delete(pid);
    reports.lost(pid);
  };
  return { read, lose, whenAnswered: (react: () => unknown) => (answered = react) };
}

t.test('what several counted that are gone at once is all kept, and at no moment missing', async (t) => {
  const { read, lose } = start(
    new Map([
      [1, 10],
      [2, 20],
      [3, 40],
    ]),
  );
  t.same(await read(), { requests: 70, bucket: 70, sum: 35, open: 3 });
  lose(1);
  lose(2);
  const expected = { requests: 70, bucket: 70, sum: 35, open: 1 };
  t.same(await read(), expected);
  t.same(await read(), expected);
});

t.test('one that is gone behind its answer counts once', async (t) => {
  const serving = new Map([
    [1, 10],
    [2, 20],
  ]);
  const { read, lose, whenAnswered } = start(serving);
  t.equal((await read()).requests, 30);
  whenAnswered(() => serving.has(1) && lose(1));
  t.equal((await read()).requests, 30);
  t.equal((await read()).requests, 30);
});

t.test('one that nobody has looked at leaves nothing', async (t) => {
  const { read, lose } = start(
    new Map([
      [1, 10],
      [2, 20],
    ]),
  );
  lose(1);
  t.equal((await read()).requests, 20);
});
