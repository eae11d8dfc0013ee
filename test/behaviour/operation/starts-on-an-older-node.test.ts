import { join } from 'node:path';
import t from 'tap';
import { runCommand } from '../../fixtures/proxy.ts';
import { makeFolder } from '../../fixtures/sound.ts';

t.test('it starts where Node has no process.getBuiltinModule, as before 20.16 and 22.3', async (t) => {
  const folder = await makeFolder(t, { 'older.cjs': 'process.getBuiltinModule = undefined;' });
  const flags = ['--require', join(folder, 'older.cjs')];
  const { code, stdout, stderr } = await runCommand(['--version'], {
    launch: ([node, ...rest]) => [node, ...flags, ...rest],
  });
  t.equal(stderr, '');
  t.equal(code, 0);
  t.match(stdout, /^\d+\.\d+\.\d+/);
});
