import { join } from 'node:path';
import { startConnectProxy } from '../../test/fixtures/connect-proxy.ts';
import { pkiFiles } from '../../test/fixtures/pki.ts';
import { type LogLine, type Result, runCommand, runProxy } from '../../test/fixtures/proxy.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { auditLadder } from './audit-ladder.ts';
import { auditRequests } from './audit-requests.ts';
import { auditVitals } from './audit-vitals.ts';
import { disorder } from './disorder.ts';
import { makeIdentities } from './identities.ts';
import { Ledger, type Violation } from './ledger.ts';
import { mend } from './mend.ts';
import { configOf, routeSpecs } from './routes.ts';
import { scratch } from './scratch.ts';
import { mix } from './seeds.ts';
import { ChaosUpstream } from './upstream.ts';
import { visitsOf } from './visits.ts';
import { samples, type Vitals, vitals, watched } from './vitals.ts';
import { turns, type World } from './world.ts';

/** How a run goes. */
export interface Plan {
  /** Of disorder, the warm-up included. */
  readonly seconds: number;
  readonly seed: number;
  /** Visits of clients at a time. */
  readonly clients: number;
  /** Is told how far it is. */
  readonly tell: (what: string) => void;
}

/** What a run came to. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly ledger: Ledger;
  readonly lines: readonly LogLine[];
  readonly upstreams: readonly ChaosUpstream[];
  /** When the warm-up was over, and in the end. */
  readonly before: Vitals;
  readonly after: Vitals;
}

/** What of a run is the warm-up, which fills caches and compiles what is used often. */
const warmUp = 0.25;

/** Lets everything go wrong for a while, mends it, and looks at what is left. */
export async function runChaos(scope: Scope, { seconds, seed, clients, tell }: Plan): Promise<Outcome> {
  const ledger = new Ledger();
  const identities = await makeIdentities();
  const { pki } = identities;
  ledger.clients.push(pki.client.fingerprint);
  const upstreams: ChaosUpstream[] = [];
  for (const [n, spec] of routeSpecs.entries()) {
    const means = { ledger, identities, seed: mix(seed, 'upstream', n) };
    upstreams.push(await ChaosUpstream.start(scope, spec, means));
  }
  const far = await startConnectProxy(scope);
  const places = upstreams.map(({ spec, url }) => ({ spec, url, ...(spec.via ? { via: far.url } : {}) }));
  const file = join(await scratch(scope), 'vitals.json');
  const proxy = await runProxy(scope, { config: configOf(places), files: pkiFiles(pki), env: watched(file) });
  // What a start says of its configuration is said by `check` as well.
  const { stderr: warned } = await runCommand(['check', '--config', join(proxy.directory, 'proxy.yaml')]);

  const world: World = { ledger, routes: routeSpecs, port: proxy.port, roomy: true, turn: turns(), wires: new Set() };
  const visits = visitsOf(world, seed);
  const stage = { proxy, places, pki, ledger, turn: world.turn };
  const disturb = disorder({ upstreams, far, world, visits, stage }, seed, clients);
  const measure = async (milliseconds: number): Promise<Vitals> => {
    await disturb(milliseconds);
    tell('mending');
    await mend(proxy, world, visits);
    return vitals(proxy, file);
  };
  tell('warming up');
  const before = await measure(seconds * warmUp * 1000);
  tell('in disorder');
  const after = await measure(seconds * (1 - warmUp) * 1000);
  tell('looking at it');

  const counted = await samples(proxy.admin, 'mtls_proxy_requests_total');
  const end = await proxy.stop();
  const lines = proxy.log.all();
  const requests = lines.filter(({ msg }) => msg === 'request');
  const violations = [
    ...ledger.violations,
    ...auditRequests(ledger, routeSpecs, requests),
    ...auditLadder(upstreams, lines),
    ...auditVitals(before, after),
    ...auditEnd({ ...end, stderr: end.stderr.replace(warned, '') }, proxy.log.other),
  ];
  const sum = counted.reduce((total, { value }) => total + value, 0);
  if (sum !== requests.length) {
    violations.push({ rule: 'metrics and log agree', text: `${sum} requests counted, ${requests.length} logged` });
  }
  return { violations, ledger, lines, upstreams, before, after };
}

/** What a process says when it ends well: nothing. */
function auditEnd({ code, signal, stderr }: Result, other: readonly string[]): Violation[] {
  const found: Violation[] = [];
  if (code !== 0) found.push({ rule: 'it ends as it should', text: `code ${code}, signal ${signal}` });
  if (stderr !== '') found.push({ rule: 'nothing is said on stderr', text: stderr.slice(0, 5_000) });
  for (const text of other) found.push({ rule: 'the log is JSON', text: text.slice(0, 500) });
  return found;
}
