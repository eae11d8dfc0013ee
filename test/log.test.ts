import { fileURLToPath } from 'node:url';
import t from 'tap';
import { createLog } from '../src/log.ts';
import { runCommand } from './fixtures/proxy.ts';

const script = fileURLToPath(new URL('./fixtures/log-lines.js', import.meta.url));
const write = async (...args: string[]) => (await runCommand(args, { script })).stdout;

t.test('JSON lines, all of them, in order', async (t) => {
  for (const format of ['auto', 'json']) {
    const lines = (await write(format, 'pipe', '5000')).trimEnd().split('\n');
    t.same(
      lines.map((line) => JSON.parse(line).n),
      Array.from({ length: 5000 }, (_, n) => n),
      format,
    );
    t.match(JSON.parse(lines[0] as string), { level: 30, msg: 'request' });
  }
  t.match(JSON.parse(await write('json', 'terminal')), { msg: 'request' });
  t.match(JSON.parse(await write('json', 'colourless')), { msg: 'request' });
});

t.test('lines of any length and script, none torn', async (t) => {
  for (const [like, count, characters] of [
    ['wide', 500, 500],
    ['long', 5, 20_000],
    ['shared', 200, 300],
  ] as const) {
    const lines = (await write('json', 'pipe', `${count}`, like)).trimEnd().split('\n');
    const read = lines.map((line) => JSON.parse(line));
    t.same(
      read.map(({ n, text }) => [n, text.length]),
      Array.from({ length: count }, (_, n) => [n, characters]),
      like,
    );
  }
});

t.test('lines of requests as pino writes others, at the level that is set', async (t) => {
  const lines = (await write('json', 'pipe', '300', 'requests')).trimEnd().split('\n');
  t.equal(lines.length, 300);
  const { time, pid, hostname, ...fields } = JSON.parse(lines[299] as string);
  const [other] = (await write('json', 'pipe', '1')).split('\n');
  const known = JSON.parse(other as string);
  t.equal(hostname, known.hostname);
  t.equal(typeof pid, typeof known.pid);
  t.ok(Math.abs(time - known.time) < 60_000);
  const said = { route: 'bank', method: 'GET', path: '/"orders"', status: 200, ms: 299, bytesIn: 0, bytesOut: 45 };
  t.same(fields, {
    level: 30,
    ...said,
    reused: true,
    protocol: 'TLSv1.3',
    attempts: 1,
    replayed: false,
    msg: 'request',
  });
});

t.test('lines of handshakes as well', async (t) => {
  const lines = (await write('json', 'pipe', '3', 'handshakes')).trimEnd().split('\n');
  t.equal(lines.length, 3);
  const { time, pid, hostname, ...fields } = JSON.parse(lines[2] as string);
  t.ok(time > 0 && pid > 0 && hostname !== '');
  const where = { route: 'bank', upstream: 'bank.test:443', offer: 'TLSv1.3' };
  const negotiated = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519', resumed: false };
  const attempts = [{ offer: 'TLSv1.3', outcome: 'ok', ms: 2 }];
  t.same(fields, { level: 30, ...where, ...negotiated, attempts, ms: 2, msg: 'handshake' });
});

t.test('what an exception cuts off is written', async (t) => {
  const { stdout, stderr, code } = await runCommand(['json', 'pipe', '100', 'crash'], { script });
  t.match(stderr, /an exception that nobody catches/);
  t.equal(code, 1);
  t.equal(stdout.trimEnd().split('\n').length, 100);
});

t.test('readable ones on a terminal, or if wanted', async (t) => {
  const colour = new RegExp(`${String.fromCharCode(27)}\\[`);
  t.match(await write('auto', 'terminal'), colour);
  for (const plain of [await write('pretty', 'pipe'), await write('auto', 'colourless')]) {
    t.match(plain, /^\d\d:\d\d:\d\d\.\d{3} INFO: request n=0\n$/);
    t.notMatch(plain, colour);
  }
});

t.test('to a stream of this process', async (t) => {
  const lines: string[] = [];
  const { logger, close } = await createLog({
    level: 'warn',
    format: 'auto',
    stream: { write: (line) => lines.push(line) },
  });
  logger.info('not at this level');
  logger.warn('fallback');
  await close();
  t.match(
    lines.map((line) => JSON.parse(line)),
    [{ level: 40, msg: 'fallback' }],
  );
});
