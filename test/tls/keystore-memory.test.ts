import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runCommand } from '../fixtures/proxy.ts';
import { measured } from '../fixtures/vitals.ts';

const mebibyte = 1024 * 1024;

t.test('B3 B4 stores that lie about their lengths and counts take no memory', async (t) => {
  const script = fileURLToPath(new URL('../fixtures/hostile-stores.js', import.meta.url));
  const { code, stdout, stderr } = await runCommand([], { script, env: measured });
  t.equal(code, 0, stderr);
  const { count, before, after } = JSON.parse(stdout) as { count: number; before: number; after: number };
  t.ok(count > 5_000, `${count} stores`);
  // A store has some 4 KiB; one claim that was believed would be 2 GiB.
  const more = Math.round((after - before) / mebibyte);
  t.ok(more < 48, `${more} MiB more than after reading each kind once`);
});
