// Prints the bill of materials of what is installed in production: CycloneDX, by npm itself, from the lock file alone. The
// same lock file and npm give the same bytes: what npm makes up each time (a number, the time) is taken out or derived.
//
// usage: npm run --silent sbom > sbom.cdx.json
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, root), 'utf8'));
const { name, version } = read('package.json');

// What `npm ci --omit=dev --omit=optional` installs. npm's own --omit goes by any one edge to a package, and so leaves out
// what is a dependency of ours and an optional one of somebody else.
const kept = new Set([`${name}@${version}`]);
for (const [path, entry] of Object.entries(read('package-lock.json').packages)) {
  if (path === '' || entry.dev || entry.devOptional || entry.optional) continue;
  kept.add(`${entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${entry.version}`);
}

const words = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
const bom = JSON.parse(execFileSync('npm', words, { cwd: fileURLToPath(root), encoding: 'utf8', maxBuffer: 64 << 20 }));
bom.components = bom.components.filter((component) => kept.has(`${component.name}@${component.version}`));
const refs = new Set([bom.metadata.component, ...bom.components].map((component) => component['bom-ref']));
bom.dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
delete bom.serialNumber;
delete bom.metadata.timestamp;
bom.metadata.component.name = name; // npm takes the folder's
const digest = createHash('sha256').update(JSON.stringify(bom)).digest('hex');
// A UUID of version 8 (RFC 9562 section 5.8), whose bits are ours to choose.
const uuid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
const { $schema, bomFormat, specVersion, ...rest } = bom;
console.log(JSON.stringify({ $schema, bomFormat, specVersion, serialNumber: `urn:uuid:${uuid}`, ...rest }, null, 2));
