import { flap, idleClients, shout, trickle } from '../../test/fixtures/crowd.ts';
import { startFront } from '../../test/fixtures/front.ts';
import { join, trusting } from '../../test/fixtures/pair.ts';
import { oneRoute } from '../../test/fixtures/proxy.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { startUpstream } from '../../test/fixtures/upstreams.ts';
import { descriptors, forgetPeak, measured, peak, resident } from '../../test/fixtures/vitals.ts';
import { type Check, lostDescriptors, watching } from './check.ts';

const mebibyte = 1024 * 1024;

/** In MiB, above the memory after a warm-up: a thousand connections with a parser each, and a heap not yet collected. */
const bound = 64;

const request =
  'POST /calm/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 20\r\n\r\na body of twenty byt';

/**
 * For so many seconds one upstream works and resets in turn, half a second each, beside another one that is always there, 1,000 clients that
 * hold on, and some that send slowly or too much.
 */
export async function flapping(scope: Scope, seconds: number): Promise<Check[]> {
  const up = await startUpstream(scope, { ...trusting, keep: false });
  const front = await startFront(scope, { to: up, decide: () => 'pass' });
  const { routes } = oneRoute(front.url, {}, { pool: { idleTimeout: '1s' } }) as { routes: object[] };
  const calmRoute = { ...routes[0], name: 'calm', match: { path: '/calm' }, upstream: up.url };
  const { proxy, url } = await join(scope, front, { config: { routes: [...routes, calmRoute] }, env: measured });
  const { pid, port, log } = proxy;
  const before = (await descriptors(pid)).length;
  const calmUrl = `${proxy.url}/calm`;
  const warm = await flap({ front, url, calmUrl, go: (phase) => phase < 20 });
  const start = await resident(pid);
  await forgetPeak(pid);
  const crowd = await idleClients(port, 1_000);
  const end = performance.now() + seconds * 1_000;
  const slow: string[] = [];
  const huge: string[] = [];
  const bother = async (): Promise<void> => {
    while (performance.now() < end) {
      slow.push(await trickle(port, request));
      huge.push(await shout(port, 20_000 + huge.length));
    }
  };
  const flapped = flap({ front, url, calmUrl, go: () => performance.now() < end, hold: 500 });
  const botherers = Array.from({ length: 10 }, bother);
  const highest = await watching(pid, Promise.all([flapped, ...botherers]));
  const { replies, calm } = await flapped;
  const gone = 1_000 - crowd.here;
  await crowd.leave();
  const part = `${seconds} s of an upstream that comes and goes`;
  const lost = await lostDescriptors(part, pid, before);
  const figure = ((await peak(pid)) - start) / mebibyte;
  await proxy.stop();
  const sent = [warm, { replies, calm }].flatMap((one) => [...one.replies, ...one.calm]).length + slow.length;
  const odd = replies.filter(({ status }) => status !== 200 && status !== 502).map(({ status }) => String(status));
  const failed = [
    ...calm.filter(({ status }) => status !== 200).map(({ status }) => `${status} from the calm upstream`),
    ...slow.filter((answer) => !answer.startsWith('HTTP/1.1 200 ')).map((answer) => `slow: ${answer.slice(0, 200)}`),
    ...huge.filter((answer) => !answer.startsWith('HTTP/1.1 431 ')).map((answer) => `huge: ${answer.slice(0, 200)}`),
  ];
  const good = replies.filter(({ status }) => status === 200).length;
  console.log(
    `${part}: ${good} of ${replies.length} answered 200 by it, ${calm.length} asked of another; ${slow.length} slow clients, ` +
      `${huge.length} huge heads, ${highest.descriptors} descriptors at most\n`,
  );
  return [
    { part, what: 'MiB of memory above the warm-up, at most', figure, bound },
    lost,
    { part, what: 'idle clients turned away', figure: gone, bound: 0 },
    { part, what: 'others not served as they should', figure: failed.length, bound: 0, detail: failed },
    { part, what: 'answers of it other than 200 and 502', figure: odd.length, bound: 0, detail: odd },
    {
      part,
      what: 'lines in the log too many or missing',
      figure: Math.abs(log.all('request').length - sent),
      bound: 0,
    },
  ];
}
