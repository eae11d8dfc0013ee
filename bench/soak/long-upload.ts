import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Reply, rawRequest, send } from '../../test/fixtures/client.ts';
import { startPair } from '../../test/fixtures/pair.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { echo, type Handler } from '../../test/fixtures/upstreams.ts';
import type { Check } from './check.ts';

/** What a body gets each second. */
const piece = Buffer.alloc(1_000, 'local-mtls-proxy\n');

/** Node's own bound on a request, in seconds (`requestTimeout`): the proxy has to be without it. */
const ownBound = 300;

/** How long who goes on sending behind an answer is read, in seconds, and how much later it may be cut. */
const lingering = { seconds: 30, late: 5 };

const handler: Handler = (request, response, record) =>
  record.target === '/early' ? void response.writeHead(413).end('early\n') : echo(request, response, record);

/** When a head that never ends is answered by 408, in seconds: Node looks every 30 s for those that are older than a minute. */
const headLimit = 95;

/**
 * For so many seconds two bodies trickle up, one with a length and one in chunks. Before that, two more behind a refusal that came
 * early, one of the upstream's and one of the proxy's own; and a head that trickles without an end.
 */
export async function longUpload(scope: Scope, seconds: number): Promise<Check[]> {
  const { proxy, url, logged } = await startPair(scope, { handler });
  const head = trickleHead(scope, proxy.port);
  const cut = await Promise.all(['/iot/early', '/none'].map((target) => sendOn(scope, proxy.port, target)));
  const late = Math.max(...cut.map((after) => Math.abs(after - lingering.seconds)));
  const pieces = seconds + 1;
  const whole = createHash('sha256');
  for (let n = 0; n < pieces; n += 1) whole.update(piece);
  const sha256 = whole.digest('hex');
  const started = performance.now();
  const replies = await Promise.all([
    send(url, {
      method: 'PUT',
      headers: { 'Content-Length': String(pieces * piece.length) },
      body: Readable.from(trickled(pieces)),
    }),
    send(url, { method: 'POST', body: Readable.from(trickled(pieces)) }),
  ]);
  const lasted = (performance.now() - started) / 1000;
  const lines = [await logged(2), await logged(3)];
  await proxy.stop();
  const part = `uploads of ${seconds} s`;
  const wrong = replies.filter((reply) => !isWhole(reply, sha256)).map((reply) => `${reply.status} ${reply.text()}`);
  const odd = lines
    .filter(({ status, cause }) => status !== 200 || cause !== undefined)
    .map((line) => JSON.stringify(line));
  console.log(`${part}: ${replies.length} lasted ${lasted.toFixed(0)} s, ${pieces * piece.length} bytes each\n`);
  return [
    { part, what: 'seconds that they were too short to tell', figure: Math.max(0, ownBound - lasted), bound: 0 },
    { part, what: 'not answered 200 by who had every byte', figure: wrong.length, bound: 0, detail: wrong },
    { part, what: 'seconds off 30 until cut behind an answer', figure: late, bound: lingering.late },
    { part, what: 'seconds until 408 to a head that never ends', figure: await head, bound: headLimit },
    { part, what: 'logged otherwise than 200', figure: odd.length, bound: 0, detail: odd },
  ];
}

function isWhole(reply: Reply, sha256: string): boolean {
  return reply.status === 200 && reply.json<{ sha256: string }>().sha256 === sha256;
}

/** Sends a byte each second, answer or not. @returns seconds from the answer to the end of the connection */
async function sendOn(scope: Scope, port: number, target: string): Promise<number> {
  const wire = await rawRequest(
    scope,
    port,
    `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n`,
  );
  await wire.head();
  const answered = performance.now();
  const sending = setInterval(() => wire.socket.write('x'), 1_000);
  await wire.ended;
  clearInterval(sending);
  return (performance.now() - answered) / 1000;
}

/** @returns seconds until it is answered by 408; not a number if by anything else */
async function trickleHead(scope: Scope, port: number): Promise<number> {
  const started = performance.now();
  const wire = await rawRequest(scope, port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  const sending = setInterval(() => wire.socket.write('x'), 1_000);
  await wire.ended;
  clearInterval(sending);
  return wire.text().startsWith('HTTP/1.1 408 ') ? (performance.now() - started) / 1000 : Number.NaN;
}

async function* trickled(pieces: number): AsyncGenerator<Buffer> {
  for (let n = 0; n < pieces; n += 1) {
    if (n > 0) await pause(1_000);
    yield piece;
  }
}
