// Makes a release of what is committed: sets the version, checks and tests it, packs it, commits and tags. It pushes and
// publishes nothing; what is left to do by hand is printed at the end.
//
// usage: npm run release -- X.Y.Z [--dry-run]      --dry-run: only looks whether it could be made
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** Those that name the image of this version. */
const overlays = 'deploy/kubernetes/overlays';
const images = existsSync(overlays)
  ? readdirSync(overlays).map((name) => `${overlays}/${name}/kustomization.yaml`)
  : [];
const files = ['package.json', 'package-lock.json', ...images];
const { values, positionals } = parseArgs({ options: { 'dry-run': { type: 'boolean' } }, allowPositionals: true });
const [version = ''] = positionals;

/** Runs a program in sight of who called. */
const show = (program, ...args) => execFileSync(program, args, { stdio: 'inherit' });
const ask = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' }).trim();

/** The text below the heading of a version, up to the next one; undefined without the heading. */
function sectionOf(changelog, heading) {
  const [, after] = changelog.split(new RegExp(`^## ${heading}[^\\n]*\\n`, 'm'));
  return after?.split(/^## /m)[0].trim();
}

/** The numbers of a version, the first being worth the most. */
const numbersOf = (text) => text.split('.').map(Number);
const isBelow = (one, other) => {
  const index = one.findIndex((number, place) => number !== other[place]);
  return index !== -1 && one[index] < other[index];
};

/** Why the release cannot be made. */
function problems() {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return ['name the version: npm run release -- X.Y.Z [--dry-run]'];
  const found = [];
  const present = JSON.parse(readFileSync('package.json', 'utf8')).version;
  if (isBelow(numbersOf(version), numbersOf(present)))
    found.push(`${version} is below ${present}, which package.json has`);
  if (ask('git', 'tag', '--list', `v${version}`) !== '') found.push(`the tag v${version} is there already`);
  const changed = ask('git', 'status', '--porcelain');
  if (changed !== '') found.push(`commit or remove what is not committed:\n${changed}`);
  const changelog = existsSync('CHANGELOG.md') ? readFileSync('CHANGELOG.md', 'utf8') : '';
  const heading = `${version.replaceAll('.', '\\.')} – \\d{4}-\\d{2}-\\d{2}$`;
  if (!sectionOf(changelog, heading))
    found.push(`CHANGELOG.md needs a section "## ${version} – YYYY-MM-DD" that says something`);
  if (sectionOf(changelog, 'Unreleased') !== '') {
    found.push(`CHANGELOG.md needs a section "## Unreleased" with nothing in it: move its entries to ${version}`);
  }
  return found;
}

const found = problems();
for (const problem of found) console.error(`release: ${problem}`);
if (found.length > 0) process.exit(2);
if (values['dry-run']) {
  console.log(`release: ${version} could be made; nothing was done`);
  process.exit(0);
}
let tarball = '';
try {
  show('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
  for (const file of images)
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/^( *newTag: ).*$/m, (_, key) => key + version),
    );
  show('npm', 'run', 'check');
  show('npm', 'test');
  tarball = JSON.parse(ask('npm', 'pack', '--json', '--silent'))[0].filename;
} catch (error) {
  // As it was: what was not committed was looked for at the beginning.
  show('git', 'checkout', '--quiet', '--', ...files);
  console.error(`release: ${error.message}; nothing is tagged, and the version is as it was`);
  process.exit(1);
}
if (ask('git', 'status', '--porcelain', '--', ...files) !== '')
  show('git', 'commit', '--quiet', '-m', `Release ${version}`, '--', ...files);
show('git', 'tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
console.log(`
release: v${version} is tagged, and ${tarball} is packed. What is left:

  bash .ci/run                                    on the tag, if it did not run on this commit
  git push --follow-tags
  npm publish ${tarball}
  docker build -t local-mtls-proxy:${version} .   with the base image by its digest
  and the section of CHANGELOG.md as the text of the release`);
