import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { writeFiles } from '../fixtures/pki.ts';
import { makeFolder } from '../fixtures/sound.ts';

const script = fileURLToPath(new URL('../../../scripts/release.mjs', import.meta.url));
const changelog =
  '# Changelog\n\n## Unreleased\n\n## 1.1.0 – 2026-12-01\n\n- Something.\n\n## 1.0.0 – 2026-11-25\n\n- First.\n';

/** Who commits, and nothing of the machine's own settings. */
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

/** A project of its own that is at 1.0.0, committed. */
async function project(t: Test, files: Readonly<Record<string, string>> = {}, scripts: object = {}) {
  const pass = 'node -e 0';
  const manifest = {
    name: 'thing',
    version: '1.0.0',
    files: [],
    scripts: { check: pass, test: pass, release: `node ${script}`, ...scripts },
  };
  const lock = { name: 'thing', version: '1.0.0', lockfileVersion: 3, packages: { '': manifest } };
  const folder = await makeFolder(t, {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'package-lock.json': `${JSON.stringify(lock, null, 2)}\n`,
    'CHANGELOG.md': changelog,
    '.gitignore': '*.tgz\n',
    ...files,
  });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env, encoding: 'utf8' }).trim();
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Begin');
  const release = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { version: string }).version;
  /** The same as CONTRIBUTING.md has it. */
  const releaseByNpm = (...args: string[]) => {
    const { status, stdout } = spawnSync('npm', ['run', 'release', '--', ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    return { status, stdout };
  };
  return { folder, git, release, releaseByNpm, versions: () => ['package.json', 'package-lock.json'].map(versionOf) };
}

t.test('a release: version, tarball, commit and tag, and nothing is sent anywhere', async (t) => {
  const overlay = 'deploy/kubernetes/overlays/a/kustomization.yaml';
  const image = (tag: string) => `images:\n  - name: thing\n    newTag: ${tag}\n`;
  const { folder, git, release, releaseByNpm, versions } = await project(t, { [overlay]: image('1.0.0') });
  t.match(releaseByNpm('1.1.0', '--dry-run'), { status: 0, stdout: /1\.1\.0 could be made; nothing was done/ });
  t.same([...versions(), git('tag')], ['1.0.0', '1.0.0', '']);

  t.match(releaseByNpm('1.1.0'), { status: 0, stdout: /git push --follow-tags\n.*npm publish thing-1\.1\.0\.tgz/ });
  t.same(versions(), ['1.1.0', '1.1.0']);
  t.equal(readFileSync(join(folder, overlay), 'utf8'), image('1.1.0'), 'and the image that is deployed');
  t.ok(existsSync(join(folder, 'thing-1.1.0.tgz')));
  t.equal(git('tag'), 'v1.1.0');
  t.equal(git('log', '--format=%s', 'v1.1.0'), 'Release 1.1.0\nBegin');
  t.equal(git('status', '--porcelain'), '');
  t.match(release('1.1.0'), { status: 2, stderr: /the tag v1\.1\.0 is there already/ });
});

t.test('the version that is there already is tagged without a commit', async (t) => {
  const { git, release } = await project(t);
  t.match(release('1.0.0'), { status: 0 });
  t.equal(git('log', '--format=%s', 'v1.0.0'), 'Begin');
});

t.test('it is refused, with all reasons, before anything is done', async (t) => {
  const { folder, release, versions } = await project(t);
  t.match(release(), { status: 2, stderr: /name the version/ });
  t.match(release('1.1'), { status: 2, stderr: /name the version/ });
  t.match(release('0.9.0'), { status: 2, stderr: /0\.9\.0 is below 1\.0\.0/ });
  t.match(release('1.2.0'), { status: 2, stderr: /needs a section "## 1\.2\.0/ });
  await writeFiles(folder, {
    'new.txt': '',
    'CHANGELOG.md': changelog.replace('Unreleased\n', 'Unreleased\n\n- Forgotten.\n'),
  });
  const { status, stderr } = release('1.1.0');
  t.equal(status, 2);
  t.match(stderr, /commit or remove what is not committed:[\s\S]*new\.txt/);
  t.match(stderr, /"## Unreleased" with nothing in it/);
  t.same(versions(), ['1.0.0', '1.0.0']);
});

t.test('where a check or a test fails, all is as it was', async (t) => {
  for (const failing of ['check', 'test']) {
    const { git, release, versions } = await project(t, {}, { [failing]: 'node -e process.exit(1)' });
    t.match(release('1.1.0'), { status: 1, stderr: /nothing is tagged/ }, failing);
    t.same([...versions(), git('tag'), git('status', '--porcelain')], ['1.0.0', '1.0.0', '', '']);
  }
});

t.test('the changelog of this project has the section of its version', async (t) => {
  const root = new URL('../../../', import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  t.ok(readFileSync(new URL('CHANGELOG.md', root), 'utf8').includes(`\n## ${version} – 20`));
});
