import { fileURLToPath } from 'node:url';
import t from 'tap';
import { createLog } from '../src/log.js';
import { runCommand } from './fixtures/proxy.js';
const script = fileURLToPath(new URL('./fixtures/log-lines.js', import.meta.url));
const write = async (...args) => (await runCommand(args, { script })).stdout;
t.test('JSON lines, all of them, in order', async (t) => {
    for (const format of ['auto', 'json']) {
        const lines = (await write(format, 'pipe', '5000')).trimEnd().split('\n');
        t.same(lines.map((line) => JSON.parse(line).n), Array.from({ length: 5000 }, (_, n) => n), format);
        t.match(JSON.parse(lines[0]), { level: 30, msg: 'request' });
    }
    t.match(JSON.parse(await write('json', 'terminal')), { msg: 'request' });
});
t.test('readable ones on a terminal, or if wanted', async (t) => {
    const colour = new RegExp(`${String.fromCharCode(27)}\\[`);
    t.match(await write('auto', 'terminal'), colour);
    const plain = await write('pretty', 'pipe');
    t.match(plain, /INFO.*: request\n\s+n: 0\n/);
    t.notMatch(plain, colour);
});
t.test('to a stream of this process', async (t) => {
    const lines = [];
    const { logger, close } = await createLog({
        level: 'warn',
        format: 'auto',
        stream: { write: (line) => lines.push(line) },
    });
    logger.info('not at this level');
    logger.warn('fallback');
    await close();
    t.match(lines.map((line) => JSON.parse(line)), [{ level: 40, msg: 'fallback' }]);
});
//# sourceMappingURL=log.test.js.map