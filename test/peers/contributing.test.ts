import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { blocksOf, commandsIn, readDocument, root } from '../fixtures/documents.ts';
import { makeFolder } from '../fixtures/sound.ts';
import { run } from './local.ts';

const documented = commandsIn(readDocument('CONTRIBUTING.md')).map(({ command }) => command);

/** Runs a command of CONTRIBUTING.md, with what makes it short behind it; what is built stays as it is. */
async function contribute(command: string, short = '') {
  if (!documented.includes(command)) throw new Error(`CONTRIBUTING.md has no ${command}`);
  const built = command.replace(/^npm run /, 'npm run --ignore-scripts ');
  // Node's own runner, which runs this test, would not run others below it.
  return run('bash', ['-c', `unset NODE_TEST_CONTEXT; ${built} ${short}`], { cwd: root });
}

t.test('CONTRIBUTING.md: one test file', async (t) => {
  const command = documented.find((each) => /^node scripts\/test\.mjs \S+\.test\.js$/.test(each)) ?? '';
  const { code, stdout } = await contribute(command);
  t.equal(code, 0);
  // The README shows the same of all tests. What counts failures must be the same number, 0.
  const summary = (text: string) =>
    text
      .replace(/^(ℹ (?:tests|suites|pass|duration_ms)) [\d.]+$/gm, '$1 N')
      .trim()
      .split('\n')
      .slice(-8);
  const shown = blocksOf(readDocument('README.md')).find(({ text }) => text.startsWith('ℹ tests'))?.text ?? '';
  t.match(stdout, /^ℹ pass [1-9]/m);
  t.same(summary(shown), summary(stdout));
});

t.test('CONTRIBUTING.md: coverage of one test file', async (t) => {
  const { code, stdout, stderr } = await contribute('npm run coverage', '-- dist/test/proxy/router.test.js');
  t.equal(code, 0, stderr);
  t.match(stdout, /# \{ total: \d+, pass: \d+ \}/);
  t.match(stdout, /router\.ts\s*\|\s*[\d.]+/, 'of the sources');
});

t.test('CONTRIBUTING.md: the bench, of one scenario beside one other', async (t) => {
  const folder = await makeFolder(t, {});
  const [markdown, svg] = [join(folder, 'performance.md'), join(folder, 'performance.svg')];
  const beside = "--beside 'nginx,local-mtls-proxy' --rounds 1 --seconds 1 --quick --only 'small, 1 client'";
  const { code, stderr } = await contribute('npm run bench', `-- ${beside} --markdown ${markdown} --svg ${svg}`);
  t.equal(code, 0, stderr);
  const written = await readFile(markdown, 'utf8');
  for (const line of [/^\| nginx \|/m, /^\| local-mtls-proxy \|/m, /^Start to listening \d+ ms/m])
    t.match(written, line);
  t.match(await readFile(svg, 'utf8'), /^<svg /);
});

t.test('CONTRIBUTING.md: the picture of the status page, after a moment', async (t) => {
  const folder = await makeFolder(t, {});
  const { code, stderr } = await contribute('npm run screenshot', `-- --seconds 1 --out ${folder}`);
  t.equal(code, 0, stderr);
  const pictures = await readdir(folder);
  t.equal(pictures.length, 4);
  for (const name of pictures) t.equal((await readFile(join(folder, name), 'latin1')).slice(1, 4), 'PNG', name);
});
