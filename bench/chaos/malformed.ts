import { setTimeout as pause } from 'node:timers/promises';
import { hear, type Visit } from './clients.ts';
import { order } from './requests.ts';
import { dial, hangUp, patiently, put } from './world.ts';

/** Bytes in the place of a good request: by its request line, and the host that it names. */
type Spoil = (line: string, host: string) => string | Buffer;

/** Behind a good request line, with a good Host. */
const withFields = (rest: string): Spoil => {
  return (line, host) => `${line}\r\nHost: ${host}\r\n${rest}`;
};

/** Heads that are no HTTP/1.1, or can be read in two ways. */
const brokenHeads: readonly Spoil[] = [
  withFields('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  withFields('Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'),
  withFields('Content-Length: -3\r\n\r\nabc'),
  withFields('Content-Length: 3x\r\n\r\nabc'),
  withFields('Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
  withFields('Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'),
  withFields('X-Space : 1\r\n\r\n'),
  withFields('X-Nul: \0\r\n\r\n'),
  withFields(`X-Long: ${'x'.repeat(20_000)}\r\n\r\n`),
  withFields('Host: localhost\r\n\r\n'),
  withFields('no field\r\n\r\n'),
  withFields('Expect: the-unexpected\r\n\r\n'),
  (line) => `${line}\r\n\r\n`,
  (line, host) => `${line.replace('HTTP/1.1', 'HTTP/1.2')}\r\nHost: ${host}\r\n\r\n`,
  (line, host) => `${line.replace('HTTP/1.1', 'HTTP/2.0')}\r\nHost: ${host}\r\n\r\n`,
  (line, host) => `${line.replace('?', ' ')}\r\nHost: ${host}\r\n\r\n`,
  (line, host) => `${line.toLowerCase()}\r\nHost: ${host}\r\n\r\n`,
  (line, host) => `${line}\nHost: ${host}\n\n`,
  (line) => Buffer.concat([Buffer.from([22, 3, 1, 0, 200]), Buffer.from(line)]),
];

/** Requests that a browser's page, or a stranger, might send. */
const foreign: readonly Spoil[] = [
  (line) => `${line}\r\nHost: rebound.test\r\n\r\n`,
  withFields('Origin: https://evil.test\r\n\r\n'),
  withFields('Origin: null\r\n\r\n'),
  withFields('Sec-Fetch-Site: cross-site\r\n\r\n'),
];

/** Bodies that are not what their frames say. */
const ragged = ['zz\r\nab\r\n', '2\r\nabc\r\n0\r\n\r\n', '-1\r\n', `${'f'.repeat(20)}\r\n`, '2;\0\r\nab\r\n', '2\nab'];

const lineOf = (head: string): string => head.slice(0, head.indexOf('\r\n'));

/** Sends what is no valid request. */
export const stammer: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const route = dice.pick(world.routes);
  const which = dice.pick([...brokenHeads.keys()]);
  const kind = `stammer ${which}`;
  const { asked, head } = order(world.ledger, id(), dice, { route, kind, method: 'GET', standing: 'broken' });
  put(line, (brokenHeads[which] as Spoil)(lineOf(head), route.host ?? 'localhost'));
  await hear(world, line, { asked });
  await hangUp(line, dice);
};

/** Sends what the guard refuses; whoever is refused may go on. */
export const intrude: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const route = dice.pick(world.routes);
  const good = order(world.ledger, id(), dice, { route, kind: 'intrude', method: 'GET', standing: 'broken' });
  put(line, dice.pick(foreign)(lineOf(good.head), route.host ?? 'localhost'));
  if (await hear(world, line, good)) {
    const next = order(world.ledger, id(), dice, { route, kind: 'intrude', method: 'GET' });
    put(line, next.head);
    await hear(world, line, next);
  }
  await hangUp(line, dice);
};

/** Begins a body well and goes on badly. */
export const ramble: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const route = dice.pick(world.routes);
  const good = order(world.ledger, id(), dice, { route, kind: 'ramble', method: 'POST', standing: 'ragged', size: 0 });
  const head = good.head.replace('Content-Length: 0', 'Transfer-Encoding: chunked');
  put(line, `${head}4\r\n${good.asked.id.slice(0, 2)};;\r\n`);
  await pause(dice.pick([0, 0, 5, 50]));
  put(line, dice.pick(ragged));
  await hear(world, line, good);
  await patiently('a connection with a broken body stays open', line.wire.ended);
  await hangUp(line, dice);
};
