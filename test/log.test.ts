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
