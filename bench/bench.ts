/**
 * This proxy beside others: `npm run bench`.
 *
 * plain HTTP → proxy → mutual TLS → nginx. Every proxy that is installed is set up as its own documentation advises and equal
 * in what it verifies; in each scenario they take turns, in several rounds, so that what else the machine does meets all
 * alike; a response that is no success ends the run. Linux, with wrk and nginx; loopback only; ends by itself.
 *
 * Options: --rounds 5 --seconds 5 (with --quick 2 and 1) --only TEXT, --without TEXT (scenarios whose name has it) --beside NAME,… (of the proxies) --quick
 * --json FILE --markdown FILE --svg FILE. What our own process gets as further arguments of Node: BENCH_NODE_ARGS.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makePki } from '../test/fixtures/pki.ts';
import { alone, processor } from './beside/alone.ts';
import { idle, idleTable } from './beside/idle.ts';
import { type Field, Stable, type Turn, takers, turn } from './beside/measure.ts';
import { plot } from './beside/plot.ts';
import { markdown, type Result } from './beside/report.ts';
import { type Scenario, scenarios } from './beside/scenarios.ts';
import { subjects } from './beside/subjects.ts';
import { startUpstream } from './beside/upstream.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    without: { type: 'string' },
    beside: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    markdown: { type: 'string' },
    svg: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 1 : 5));

// A page has such marks for each line of Node that is measured.
const begin = `<!-- Measured by \`npm run bench\` on Node ${process.versions.node.split('.')[0]}; do not edit. -->`;
const end = '<!-- The end of what was measured. -->';

/** What each proxy says of its version; it takes part if it says something. */
const commands: Readonly<Record<string, readonly string[]>> = {
  nginx: ['nginx', '-v'],
  HAProxy: ['haproxy', '-v'],
  stunnel: ['stunnel4', '-version'],
  Caddy: ['caddy', 'version'],
};

function versionOf(name: string): string | undefined {
  const [command, argument] = commands[name] ?? [];
  if (command === undefined || argument === undefined) return `Node ${process.versions.node}`;
  try {
    // Some say it on the standard error.
    const text = execFileSync('sh', ['-c', `PATH="$PATH:/usr/sbin" ${command} ${argument} 2>&1`], { encoding: 'utf8' });
    return /\d+\.\d+[.\d]*/.exec(text)?.[0];
  } catch {
    return undefined;
  }
}

/** Writes what was measured into a page, between its two marks, or as a file of its own where there is no such page. */
async function insert(file: string, text: string): Promise<void> {
  const page = await readFile(file, 'utf8').catch(() => `${begin}${end}`);
  const before = page.indexOf(begin);
  const after = page.indexOf(end, before);
  if (before < 0 || after < before) throw new Error(`${file} has no ${begin} and ${end} to write between`);
  await writeFile(file, `${page.slice(0, before)}${begin}\n\n${text}\n${page.slice(after)}`);
}

async function measure(scenario: Scenario, field: Field, stable: Stable, names: readonly string[]): Promise<Result> {
  const runners = await Promise.all(
    takers(scenario, names).map(async (taker) => ({
      ...taker,
      peer: await stable.start(taker.subject, taker.scenario.way),
    })),
  );
  const turns = new Map<string, Turn[]>(runners.map(({ name }) => [name, []]));
  for (const { peer, scenario } of runners) await turn(peer, scenario, Math.min(seconds, 2), field);
  for (let round = 0; round < rounds; round += 1) {
    // Every other round the other way round: none always runs on what the one before has left.
    for (const { name, scenario, peer } of round % 2 === 0 ? runners : [...runners].reverse()) {
      turns.get(name)?.push(await turn(peer, scenario, seconds, field));
    }
  }
  const bulk = /MiB/.test(scenario.name);
  return { scenario: scenario.name, bulk, rows: [...turns].map(([subject, all]) => ({ subject, turns: all })) };
}

const ends: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => ends.push(end) };
try {
  const versions = new Map(subjects.map(({ name }) => [name, versionOf(name)]));
  const wanted = values.beside?.split(',') ?? [...versions.keys()];
  const names = [...versions].filter(([name, version]) => version !== undefined && wanted.includes(name));
  const cores = availableParallelism() > 1 ? { proxy: 1, rest: 0 } : { proxy: undefined, rest: undefined };
  const pki = await makePki();
  const field: Field = { pki, upstream: await startUpstream(scope, pki, cores.rest), cores };
  const stable = new Stable(scope, field);
  const heading = [
    `${await processor()}, ${availableParallelism()} cores; the proxy on one, clients and upstream on another.`,
    `${names.map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    `${rounds} rounds of ${seconds} s; medians; "of nginx" is the median of the ratios within a round.`,
  ].join('\n');
  console.log(`${heading}\n`);
  const present = names.map(([name]) => name);
  const sleeping = idleTable(await idle(stable, present));
  console.log(sleeping);
  const results: Result[] = [];
  for (const scenario of scenarios) {
    if (!scenario.name.includes(values.only) || (values.quick && scenario.quick !== true)) continue;
    if (values.without !== undefined && scenario.name.includes(values.without)) continue;
    const result = await measure(scenario, field, stable, present);
    results.push(result);
    console.log(markdown([result]));
  }
  const folder = await mkdtemp(join(tmpdir(), 'bench-alone-'));
  scope.teardown(() => rm(folder, { recursive: true, force: true }));
  const rest = values.quick ? 12 : 30;
  const own = await alone(folder, field, values.quick ? 3 : 11, rest * 1000);
  const ownText = `Start to listening ${own.listening.toFixed(0)} ms, ${(own.listening / own.bareNode).toFixed(2)} of \`node -e 0\`; first request ${own.firstRequest.toFixed(1)} ms, second ${own.secondRequest.toFixed(1)} ms; ${own.residentIdle.toFixed(1)} MiB resident before the first request, ${own.residentAtRest.toFixed(1)} after ${rest} s without one.\n`;
  console.log(ownText);
  if (values.json !== undefined)
    await writeFile(values.json, `${JSON.stringify({ heading, results, own }, null, 1)}\n`);
  if (values.markdown !== undefined)
    await insert(values.markdown, `${heading}\n\n${markdown(results)}\n${sleeping}\n${ownText}`);
  if (values.svg !== undefined) await writeFile(values.svg, plot(results));
} finally {
  for (const end of ends.reverse()) await end();
}
