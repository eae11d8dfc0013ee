import { join } from 'node:path';
import t from 'tap';
import { runCommand } from '../../fixtures/proxy.ts';
import { makeFolder } from '../../fixtures/sound.ts';

t.test('with --enable-source-maps a stack has the lines of the sources, though one file is loaded', async (t) => {
  const folder = await makeFolder(t, { 'fails.cjs': "process.stdout.write = () => { throw new Error('full'); };" });
  const flags = ['--enable-source-maps', '--require', join(folder, 'fails.cjs')];
  const { code, stderr } = await runCommand(['--version'], { launch: ([node, ...rest]) => [node, ...flags, ...rest] });
  t.equal(code, 1);
  t.match(stderr, /^Error: full$/m);
  t.match(stderr, /at command \(\S*\/src\/cli\/command\.ts:\d+/);
  t.notMatch(stderr, /\/dist\//);
});
