import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { makeFolder } from '../fixtures/sound.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

t.test('src/configuration.ts is what config/proxy.schema.json says', async (t) => {
  const written = join(await makeFolder(t, {}), 'configuration.ts');
  execFileSync(process.execPath, [join(root, 'scripts/configuration-types.mjs'), written]);
  const biome = [
    join(root, 'node_modules/@biomejs/biome/bin/biome'),
    'format',
    '--stdin-file-path=src/configuration.ts',
  ];
  const formatted = execFileSync(process.execPath, biome, {
    cwd: root,
    input: await readFile(written),
    encoding: 'utf8',
  });
  const there = await readFile(join(root, 'src/configuration.ts'), 'utf8');
  t.equal(formatted, there, 'src/configuration.ts is up to date; `npm run schema` writes it anew');
});
