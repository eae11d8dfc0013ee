import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

interface Entry {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Entry>> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const production = packages.filter(([, { dev, devOptional, optional }]) => !dev && !devOptional && !optional);
const direct = { ...manifest.dependencies, ...manifest.devDependencies };

t.test('every dependency is pinned to one version, which is the one of the lock file', async (t) => {
  for (const [name, version] of Object.entries(direct)) {
    t.match(version, /^\d+\.\d+\.\d+$/, name);
    t.equal(lock.packages[`node_modules/${name}`]?.version, version, name);
  }
});

t.test('every package of the lock file has its digest and no address', async (t) => {
  t.ok(packages.length > 100);
  t.same(
    packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')),
    [],
  );
  t.same(
    packages.filter(([, { resolved }]) => resolved !== undefined),
    [],
  );
});

t.test('no package has an install script, so that --ignore-scripts changes nothing', async (t) => {
  t.same(
    packages.filter(([, { hasInstallScript }]) => hasInstallScript),
    [],
  );
});

t.test('each dependency has a line of reason', async (t) => {
  const decisions = read('docs/decisions/README.md');
  for (const name of Object.keys(direct)) {
    if (name.startsWith('@types/')) continue;
    t.match(decisions, new RegExp(`^\\|(?: [^|]*,)? ${name}(?: [0-9.]+)?(?:,[^|]*)? \\|`, 'm'), name);
  }
});

t.test('few packages are in production, and none of development', async (t) => {
  t.ok(production.length <= 40, `${production.length} packages`);
  t.notOk(production.some(([path]) => path.includes('typescript')));
});

interface Bom {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp?: string; readonly component: { readonly name: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes: readonly unknown[];
    readonly licenses: readonly unknown[];
  }[];
}

t.test('npm run sbom lists them all, each with digest and licence, and twice the same', async (t) => {
  const run = (): string => execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' });
  const text = run();
  t.equal(run(), text);
  const bom = JSON.parse(text) as Bom;
  t.match(bom, { bomFormat: 'CycloneDX', metadata: { component: { name: 'local-mtls-proxy', type: 'application' } } });
  t.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const listed = bom.components.map(({ name, version }) => `${name}@${version}`).sort();
  const installed = production.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`);
  t.same(listed, installed.sort());
  for (const { name, hashes, licenses } of bom.components) t.ok(hashes.length > 0 && licenses.length > 0, name);
});

/** Runs the licence check on a lock file of its own, with these packages installed. */
function licences(t: Test, entries: Record<string, object>, installed: Record<string, object> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'licences-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...entries } }));
  for (const [path, content] of Object.entries(installed)) {
    mkdirSync(dirname(join(folder, path, 'package.json')), { recursive: true });
    writeFileSync(join(folder, path, 'package.json'), JSON.stringify(content));
  }
  const script = join(root, 'scripts/licences.mjs');
  return spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
}

t.test('npm run licences: all that is here is allowed', async (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/licences.mjs')], {
    encoding: 'utf8',
  });
  t.equal(stderr, '');
  t.equal(status, 0);
  t.match(stdout, /^licences: all are allowed$/m);
});

t.test('npm run licences: what is not allowed fails, by name', async (t) => {
  for (const license of ['GPL-3.0-only', 'MIT AND GPL-2.0', 'UNLICENSED', 'SEE LICENSE IN x', '(MIT', '', undefined]) {
    const { status, stderr } = licences(t, { 'node_modules/bad': { version: '1.2.3', license } });
    t.equal(status, 1, String(license));
    t.match(stderr, /node_modules\/bad@1\.2\.3 \(production\): .* is not allowed/);
  }
});

t.test('npm run licences: one of several to choose from is enough', async (t) => {
  for (const license of ['MIT', '(BSD-3-Clause OR GPL-2.0)', 'GPL-2.0 OR (MIT AND ISC)', 'Apache-2.0 AND MIT']) {
    t.equal(licences(t, { 'node_modules/good': { version: '1.2.3', license } }).status, 0, license);
  }
});

t.test('npm run licences: the installed package has the last word', async (t) => {
  const entries = { 'node_modules/changed': { version: '1.0.0', license: 'MIT' } };
  const { status, stderr } = licences(t, entries, { 'node_modules/changed': { license: 'AGPL-3.0-only' } });
  t.equal(status, 1);
  t.match(stderr, /changed@1\.0\.0 \(production\): AGPL-3\.0-only/);
});

t.test('npm run licences: exceptions are for development only, and for that licence', async (t) => {
  const axe = { version: '4.0.0', license: 'MPL-2.0' };
  t.equal(licences(t, { 'node_modules/axe-core': { ...axe, dev: true } }).status, 0);
  t.equal(licences(t, { 'node_modules/axe-core': axe }).status, 1);
  t.equal(licences(t, { 'node_modules/other': { ...axe, dev: true } }).status, 1);
  t.equal(licences(t, { 'node_modules/axe-core': { ...axe, dev: true, license: 'GPL-3.0-only' } }).status, 1);
});
