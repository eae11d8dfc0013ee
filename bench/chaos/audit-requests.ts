import { failures } from '../../src/errors.ts';
import type { LogLine } from '../../test/fixtures/proxy.ts';
import { type Arrival, type Asked, idIn, type Ledger, type Violation } from './ledger.ts';
import type { RouteSpec } from './routes.ts';

/** Methods that may be sent twice (RFC 9110 section 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

type Broken = (rule: string, text: string) => void;

/**
 * What is wrong with the log, by what clients sent and saw and what upstreams got.
 *
 * @param lines those of `request`
 */
export function auditRequests(ledger: Ledger, routes: readonly RouteSpec[], lines: readonly LogLine[]): Violation[] {
  const found: Violation[] = [];
  const byId = new Map<string, LogLine[]>();
  let connects = 0;
  let others = 0;
  for (const line of lines) {
    const id = idIn(String(line.path));
    if (id !== undefined && ledger.asked.has(id)) byId.set(id, [...(byId.get(id) ?? []), line]);
    else if (line.method === 'CONNECT') connects += 1;
    else others += 1;
    const { cause } = line;
    if (cause !== undefined && (!Object.hasOwn(failures, cause) || cause === 'internal')) {
      found.push({ rule: 'a cause is one of the closed set, and never internal', text: JSON.stringify(line) });
    }
  }
  const { sent, answered } = ledger.connects;
  if (connects > sent || connects < answered) {
    const text = `${connects} lines of CONNECT, ${sent} sent and ${answered} answered`;
    found.push({ rule: 'each request is logged once', text });
  }
  if (others !== ledger.strays) {
    const text = `${others} lines of requests without an id, ${ledger.strays} sent`;
    found.push({ rule: 'each request is logged once', text });
  }
  for (const asked of ledger.asked.values()) {
    const { id, route } = asked;
    const broken: Broken = (rule, text) => void found.push({ rule, id, route, text });
    audit(asked, byId.get(id) ?? [], { ledger, routes, broken });
  }
  return found;
}

interface Means {
  readonly ledger: Ledger;
  readonly routes: readonly RouteSpec[];
  readonly broken: Broken;
}

function audit(asked: Asked, lines: readonly LogLine[], { ledger, routes, broken }: Means): void {
  const arrivals = ledger.arrivals.get(asked.id) ?? [];
  const { seen, standing } = asked;
  const [line] = lines;
  if (lines.length > 1) broken('each request is logged once', `${lines.length} lines`);
  if (line === undefined) {
    if (standing === 'due') broken('each request is logged once', 'no line');
    if (arrivals.length > 0) broken('each request is logged once', 'an upstream got it, and there is no line');
    if (seen !== undefined && standing !== 'broken') broken('each request is logged once', `answered ${seen.status}`);
    return;
  }
  const spec = routes.find(({ name }) => name === asked.route);
  if (line.route !== undefined && line.route !== spec?.name)
    broken('routes are kept apart', `logged for ${line.route}`);
  auditDelivery(asked, arrivals, line, spec?.replay ?? 'never', broken);
  for (const { route, client } of arrivals) {
    if (route !== asked.route) broken('routes are kept apart', `it came to ${route}`);
    if (client !== undefined && ledger.clients.indexOf(client) < asked.client) {
      broken('an old identity serves no new request', `it came by certificate ${ledger.clients.indexOf(client)}`);
    }
  }
  if (seen !== undefined) auditAnswer(asked, arrivals, line, broken);
}

/** How often, and whether at all, an upstream may have got it. */
function auditDelivery(
  { method, standing, absent }: Asked,
  arrivals: readonly Arrival[],
  line: LogLine,
  replay: RouteSpec['replay'],
  broken: Broken,
): void {
  const most = replay === 'always' || (replay === 'idempotent' && idempotent.has(method)) ? 2 : 1;
  const times = arrivals.length;
  if (times > most) broken('delivered once', `it came ${times} times, of ${most} at most`);
  if (times > 1 && line.replayed !== true) broken('delivered once', 'it came twice, and is not logged as replayed');
  if (times > 0 && standing === 'broken') broken('what is refused goes nowhere', 'an upstream got it');
  if (times > 0 && absent) broken('what is refused goes nowhere', 'its route was not there');
  if (standing === 'ragged' && arrivals.some(({ complete }) => complete)) {
    broken('what is refused goes nowhere', 'an upstream got it whole');
  }
}

/** Whether what the client saw is what the upstream gave and the log says. */
function auditAnswer(asked: Asked, arrivals: readonly Arrival[], line: LogLine, broken: Broken): void {
  const { seen, method, size } = asked;
  if (seen === undefined) return;
  const told = 'the log says what the client saw';
  if (line.status !== seen.status) broken(told, `it saw ${seen.status}`);
  // What becomes of a tunnel afterwards is its own matter.
  if (seen.status === 101) return;
  if (!seen.whole) {
    if (line['aborted'] !== true) broken(told, 'the answer was cut short');
    else if (line.cause === undefined) broken('what is cut short has a cause', 'its client waited for the end');
    return;
  }
  if (line['aborted'] === true) broken(told, 'the answer was whole');
  // Of an answer that is whole, the cause may be what came behind it: an upstream answered before it had the request's body.
  const early = arrivals.some(({ answered, complete }) => answered && !complete);
  const behind = early && asked.standing === 'ragged' && seen.status < 400 && line.cause === 'bad-request';
  // A problem document that answers HEAD has no body to read it from.
  if (line.cause !== seen.cause && method !== 'HEAD' && !behind) broken(told, `its cause was ${seen.cause}`);
  if (line.cause !== undefined) return;
  if (line.bytesOut !== seen.bytes) broken('every byte is counted', `it got ${seen.bytes} bytes`);
  const last = arrivals.at(-1);
  if (last === undefined) {
    broken('an answer comes from somewhere', 'no upstream got it');
    return;
  }
  if (method !== 'HEAD' && !mayEnd(arrivals)) broken('a cut answer is not whole', 'its upstream cut it');
  if (last.complete && line.bytesIn !== size) broken('every byte is counted', `it sent ${size} bytes`);
  if (line.protocol !== last.protocol) broken('the logged protocol is the real one', last.protocol);
  if (line.reused !== last.nth > 0) broken('a reused connection is logged as one', `${last.nth} were before it`);
}

/** Node does not say whether TLS was closed properly: what the connection's end delimits may be cut by a bare FIN unnoticed. */
function mayEnd(arrivals: readonly Arrival[]): boolean {
  return arrivals.some(({ answered, framing, severed }) => answered || (severed && framing === 'close'));
}
