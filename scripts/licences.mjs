// Fails if a package of the lock file has a licence that is not allowed here. What an installed package says of itself counts,
// else what the lock file says of it (a build of a tool for another system is not installed).
//
// usage: npm run licences [-- FOLDER]      FOLDER: of package-lock.json; default: this project's
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** SPDX names of licences that ask for no more than their own text. */
const allowed = new Set(['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0']);

/** Of development, which nobody is given, by package: why each is fine. */
const exceptions = {
  'axe-core': ['MPL-2.0', 'tests only, unchanged'],
  'spdx-exceptions': ['CC-BY-3.0', 'a list of names'],
  'spdx-license-ids': ['CC0-1.0', 'a list of names'],
  'jsonc-simple-parser': [undefined, 'its file `license` is the MIT one; package.json does not say so'],
};

/** Whether an SPDX expression, of names, AND, OR and brackets, can be met by what is allowed. */
function isAllowed(expression) {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  const either = () => {
    let met = both();
    while (words[0] === 'OR') {
      words.shift();
      met = both() || met;
    }
    return met;
  };
  const both = () => {
    let met = one();
    while (words[0] === 'AND') {
      words.shift();
      met = one() && met;
    }
    return met;
  };
  const one = () => {
    const word = words.shift();
    if (word !== '(') return allowed.has(word);
    const met = either();
    return words.shift() === ')' && met;
  };
  return either() && words.length === 0;
}

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('../', import.meta.url)));
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const problems = [];
const used = new Set();
const counts = new Map();
for (const [path, entry] of Object.entries(packages)) {
  if (path === '') continue;
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const installed = join(root, path, 'package.json');
  const said = existsSync(installed) ? JSON.parse(readFileSync(installed, 'utf8')) : entry;
  // Before SPDX: `{ type, url }`, or a list of them.
  const licence = said.license?.type ?? said.license ?? said.licenses?.map(({ type }) => type).join(' OR ');
  // What `npm ci --omit=dev --omit=optional` leaves out: the image does not have it.
  const place = entry.dev || entry.devOptional || entry.optional ? 'development' : 'production';
  counts.set(`${place} ${licence}`, (counts.get(`${place} ${licence}`) ?? 0) + 1);
  if (licence !== undefined && isAllowed(licence)) continue;
  const exception = place === 'development' && Object.hasOwn(exceptions, name) ? exceptions[name] : undefined;
  if (exception !== undefined && exception[0] === licence) used.add(name);
  else problems.push(`${path}@${entry.version} (${place}): ${licence ?? 'no licence'} is not allowed`);
}
if (process.argv[2] === undefined) {
  for (const name of Object.keys(exceptions))
    if (!used.has(name)) problems.push(`${name}: the exception is not needed`);
}
for (const key of [...counts.keys()].sort()) console.log(`${String(counts.get(key)).padStart(5)}  ${key}`);
for (const problem of problems) console.error(`licences: ${problem}`);
console.log(problems.length === 0 ? 'licences: all are allowed' : `licences: ${problems.length} not allowed`);
process.exitCode = problems.length === 0 ? 0 : 1;
