import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { pki } from '../../fixtures/pair.ts';
import { uncovered } from '../../fixtures/permission.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { makeFolder } from '../../fixtures/sound.ts';

/** Modules of Node that nothing needs which the command does here. */
const needless = [
  'fs/promises',
  'inspector',
  'internal/deps/undici/undici',
  'perf_hooks',
  'readline',
  'repl',
  'worker_threads',
];

t.test('a start and a request load no more of Node than they need (docs/decisions/start.md)', async (t) => {
  const folder = await makeFolder(t, {
    'list.cjs': `process.on('exit', () => {
      require('node:fs').writeFileSync(__filename + '.loaded', process.moduleLoadList.join('\\n'));
    });`,
  });
  const list = join(folder, 'list.cjs');
  const proxy = await runProxy(t, {
    config: oneRoute('https://127.0.0.1:1'),
    files: pkiFiles(pki),
    launch: ([node, ...rest]) => [...uncovered, node, '--require', list, ...rest],
  });
  t.equal((await fetch(`${proxy.url}/iot`)).status, 502);
  await proxy.stop();
  const loaded = (await readFile(`${list}.loaded`, 'utf8'))
    .split('\n')
    .map((line) => line.replace(/^NativeModule /, ''));
  t.ok(loaded.includes('tls'));
  t.same(
    needless.filter((name) => loaded.includes(name)),
    [],
  );
});
