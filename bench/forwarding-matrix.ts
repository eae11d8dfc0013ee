/**
 * Writes docs/forwarding-matrix.md: what four proxies change of the same requests and responses; and its sums into
 * docs/forwarding.md.
 *
 * `--out FILE` writes the first there, and no sums. Starts nginx and a program as upstreams with mutual TLS, and this proxy, nginx,
 * HAProxy and Caddy before them. Loopback only; needs the three installed; ends by itself.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { differences } from '../test/fixtures/matrix/compare.ts';
import { type Observation, observe } from '../test/fixtures/matrix/observe.ts';
import { startPlace } from '../test/fixtures/matrix/place.ts';
import {
  type StartProxy,
  startCaddyProxy,
  startHaproxyProxy,
  startNginxProxy,
  startOurs,
} from '../test/fixtures/matrix/proxies.ts';
import { rows } from '../test/fixtures/matrix/rows.ts';
import { summaryOf, withSummary } from '../test/fixtures/matrix/summary.ts';
import { type Column, cellOf, documentOf, mergeCells } from '../test/fixtures/matrix/table.ts';

const execute = promisify(execFile);
/** How long a proxy may be silent, in milliseconds. */
const patience = 5000;
const root = new URL('../../', import.meta.url);
const { values } = parseArgs({ options: { out: { type: 'string' } } });

const ends: (() => unknown)[] = [];
try {
  const scope = { teardown: (end: () => unknown) => ends.push(end) };
  const place = await startPlace(scope);
  const straight: Observation[] = [];
  for (const row of rows) straight.push(await observe(row, place.straight, place.origin, patience));

  const column = async (name: string, version: string, start: StartProxy): Promise<Column> => {
    const way = await start(scope, place);
    const turns = new Map<string, string[]>(rows.map(({ id }) => [id, []]));
    for (let turn = 0; turn < 3; turn += 1) {
      for (const [index, row] of rows.entries()) {
        const seen = await observe(row, way, place.origin, patience);
        turns.get(row.id)?.push(cellOf(row, differences(straight[index] as Observation, seen)));
      }
    }
    return { name, version, cells: new Map([...turns].map(([id, cells]) => [id, mergeCells(cells)])) };
  };
  const columns = [
    await column('local-mtls-proxy', await ownVersion(), startOurs),
    await column('nginx', await versionOf('nginx', ['-v'], /nginx\/([\d.]+)/), startNginxProxy),
    await column('HAProxy', await versionOf('haproxy', ['-v'], /version ([\d.]+)/), startHaproxyProxy),
    await column('Caddy', await versionOf('caddy', ['version'], /v?([\d.]+)/), startCaddyProxy),
  ];
  const out = values.out ?? fileURLToPath(new URL('docs/forwarding-matrix.md', root));
  await writeFile(out, documentOf(rows, columns));
  for (const { name, version, cells } of columns) {
    const same = [...cells.values()].filter((cell) => cell === 'same').length;
    console.log(`${name} ${version}: ${same} of ${rows.length} rows the same`);
  }
  console.log(`written: ${out}`);
  if (values.out === undefined) {
    const summary = fileURLToPath(new URL('docs/forwarding.md', root));
    await writeFile(summary, withSummary(await readFile(summary, 'utf8'), summaryOf(rows, columns)));
    console.log(`written: the sums in ${summary}`);
  }
} finally {
  for (const end of ends.reverse()) await end();
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { version: string };
  return version;
}

/** @throws if the program is not installed, or says something else than its version */
async function versionOf(program: string, args: readonly string[], pattern: RegExp): Promise<string> {
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  const { stdout, stderr } = await execute(program, args, { env });
  const version = pattern.exec(stdout + stderr)?.[1];
  if (version === undefined) throw new Error(`${program} does not say its version: ${stdout}${stderr}`);
  return version;
}
