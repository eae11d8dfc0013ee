/**
 * Whether memory and descriptors stay flat: `npm run soak`.
 *
 * The built command on loopback before mutual TLS, in parts: 1 GiB each way past slow readers; 100,000 requests of mixed
 * kind, one in ten given up by its client; a minute of an upstream that comes and goes, beside 1,000 idle clients; 1,000
 * reloads; uploads that trickle for longer than five minutes. `npm run soak -- requests long-upload` makes only these parts.
 * Linux; ends by itself, after --minutes at the latest; exit 1 if a bound is broken. The same --seed makes the same requests.
 */
import { parseArgs } from 'node:util';
import type { Check } from './soak/check.ts';
import { flapping } from './soak/flapping.ts';
import { longUpload } from './soak/long-upload.ts';
import { reloads } from './soak/reloads.ts';
import { requests } from './soak/requests.ts';
import { transfers } from './soak/transfers.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mebibytes: { type: 'string', default: '1024' },
    requests: { type: 'string', default: '100000' },
    reloads: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    upload: { type: 'string', default: '330' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
  },
});

const parts: Readonly<Record<string, (scope: Scope) => Promise<Check[]>>> = {
  transfers: (scope) => transfers(scope, Number(values.mebibytes)),
  requests: (scope) => requests(scope, Number(values.requests), Number(values.seed)),
  flapping: (scope) => flapping(scope, Number(values.seconds)),
  reloads: (scope) => reloads(scope, Number(values.reloads)),
  'long-upload': (scope) => longUpload(scope, Number(values.upload)),
};
const chosen = (positionals.length === 0 ? Object.keys(parts) : positionals).map((name) => {
  const part = parts[name];
  if (part === undefined) throw new Error(`no part ${name}; there are: ${Object.keys(parts).join(', ')}`);
  return part;
});

interface Scope {
  teardown(end: () => unknown): unknown;
}

let ends: (() => unknown)[] = [];

async function tidy(): Promise<void> {
  const last = ends.reverse();
  ends = [];
  for (const end of last) await end();
}

/** False also for what could not be measured. */
function holds({ figure, bound }: Pick<Check, 'figure' | 'bound'>): boolean {
  return figure <= bound;
}

function report(checks: readonly Check[]): void {
  const width = Math.max(...checks.map(({ part }) => part.length));
  for (const { part, what, figure, bound, detail = [] } of checks) {
    const shown = Number.isInteger(figure) ? String(figure) : figure.toFixed(1);
    const broken = holds({ figure, bound }) ? '' : '   BROKEN';
    console.log(
      `${part.padEnd(width)}  ${what.padEnd(44)}${shown.padStart(9)}   of ${String(bound).padStart(3)}${broken}`,
    );
    if (broken !== '') for (const line of detail.slice(0, 20)) console.log(`    ${line}`);
  }
}

const late = setTimeout(async () => {
  console.error(`stopped after ${values.minutes} minutes, before the end`);
  await tidy();
  process.exit(1);
}, Number(values.minutes) * 60_000);

const started = performance.now();
const checks: Check[] = [];
try {
  for (const part of chosen) {
    checks.push(...(await part({ teardown: (end) => ends.push(end) })));
    await tidy();
  }
} finally {
  clearTimeout(late);
  await tidy();
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`Node ${process.versions.node}, seed ${values.seed}, ${seconds} s\n`);
report(checks);
if (!checks.every(holds)) process.exitCode = 1;
