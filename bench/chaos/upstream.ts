import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Chance, chance } from '../../test/fixtures/chance.ts';
import { type Action, type Front, type Greeting, startFront } from '../../test/fixtures/front.ts';
import type { ClientHello } from '../../test/fixtures/hello.ts';
import { offerOf } from '../../test/fixtures/ladder.ts';
import type { Scope } from '../../test/fixtures/teardown.ts';
import { type RequestRecord, startUpstream } from '../../test/fixtures/upstreams.ts';
import { answers } from './answers.ts';
import type { OfferCount, RouteTruth } from './audit-ladder.ts';
import { bodyOf } from './bytes.ts';
import { ChangingServer } from './changing-server.ts';
import type { Identities } from './identities.ts';
import { type Arrival, idIn, type Ledger } from './ledger.ts';
import { mended, type Phase } from './phases.ts';
import type { RouteSpec } from './routes.ts';
import { upgrade } from './upgrades.ts';

/** The other side of one route: a front that ends connections as the present phase wants, and a server that answers. */
export class ChaosUpstream implements RouteTruth {
  readonly spec: RouteSpec;
  readonly offers = new Map<string, OfferCount>();
  doors = 0;
  /** Names of the phases so far. */
  readonly history: string[] = [];
  readonly #ledger: Ledger;
  readonly #dice: Chance;
  readonly #server: ChangingServer;
  /** Requests that are not over. */
  readonly #underWay = new Set<Arrival>();
  #phase = mended;
  #front!: Front;

  private constructor(spec: RouteSpec, ledger: Ledger, identities: Identities, seed: number) {
    this.spec = spec;
    this.#ledger = ledger;
    this.#dice = chance(seed);
    this.#server = new ChangingServer(identities, spec.versions, (rule, text) => this.#broken(rule, text));
  }

  /** Starts one, well as yet. @param seed decides what the phases leave open */
  static async start(
    scope: Scope,
    spec: RouteSpec,
    { ledger, identities, seed }: { ledger: Ledger; identities: Identities; seed: number },
  ): Promise<ChaosUpstream> {
    const upstream = new ChaosUpstream(spec, ledger, identities, seed);
    await upstream.#start(scope);
    return upstream;
  }

  /** The front's, with one address. */
  get url(): string {
    return this.#front.url;
  }

  /** Begins another phase. */
  enter(phase: Phase): void {
    const { cut } = phase;
    this.#phase = phase;
    this.history.push(phase.name);
    this.#server.change(phase.server);
    if (cut === undefined) return;
    if (cut === 'close') for (const arrival of this.#underWay) arrival.severed = true;
    for (const connection of [...this.#front.connections]) {
      if (connection.hello === undefined) this.doors += 1;
      else this.#count(connection.hello).blamed += 1;
      connection.cut(cut);
    }
  }

  async #start(scope: Scope): Promise<void> {
    const up = await startUpstream(scope, {
      ...this.#server.first,
      keep: false,
      handler: (request, response, record) => this.#answer(request, response, record),
      checkContinue: (request, response, record) => this.#consider(request, response, record),
      upgrade: (request, socket, head, record) => this.#upgrade(request, socket, head, record),
      configure: (server) => this.#server.take(server),
    });
    this.#front = await startFront(scope, {
      to: up,
      keep: false,
      decide: (hello) => this.#decide(hello),
      greet: () => this.#greet(),
    });
    this.enter(mended);
  }

  #greet(): Greeting | undefined {
    const greeting = this.#phase.greet?.(this.#dice);
    if (typeof greeting === 'string') this.doors += 1;
    return greeting;
  }

  #decide(hello: ClientHello): Action {
    const foreign = hello.versions.filter((version) => !this.spec.versions.includes(version));
    if (foreign.length > 0) this.#broken('no version is offered that is not listed', `it offered ${hello.versions}`);
    const action = this.#phase.decide(hello, this.#dice);
    const count = this.#count(hello);
    count.hellos += 1;
    const isTooNew = hello.versions.every((version) => version > this.#server.max);
    if (isTooNew || mayBlame(action)) count.blamed += 1;
    return action;
  }

  #count(hello: ClientHello): OfferCount {
    const offer = offerOf(hello);
    const count = this.offers.get(offer) ?? { hellos: 0, blamed: 0 };
    this.offers.set(offer, count);
    return count;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, record: RequestRecord): Promise<void> {
    const { id, wanted } = read(request);
    const arrival = this.#arrive(id, request, record, wanted);
    if (id === undefined || arrival === undefined) return;
    record.finished.then(() => {
      arrival.complete = record.complete;
      arrival.bytes = record.bytes;
      if (record.complete) this.#compare(id, record);
    });
    await answers[wanted.get('do') ?? 'well']?.({
      id,
      size: Number(wanted.get('size')),
      framing: arrival.framing,
      at: Number(wanted.get('at')),
      request,
      response,
      record,
      arrival,
    });
  }

  /** A request that waits for a 100: it is told to go on, or not, or nothing. */
  #consider(request: IncomingMessage, response: ServerResponse, record: RequestRecord): unknown {
    const { id, wanted } = read(request);
    const say = wanted.get('say');
    if (say === '100') response.writeContinue();
    if (say !== '417') return this.#answer(request, response, record);
    const arrival = this.#arrive(id, request, record, wanted);
    if (arrival !== undefined) arrival.answered = true;
    response.writeHead(417, { 'X-Id': id ?? '', 'Content-Length': 0, Connection: 'close' });
    return response.end();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, record: RequestRecord): void {
    const { id, wanted } = read(request);
    const arrival = this.#arrive(id, request, record, wanted);
    if (id === undefined || arrival === undefined) return;
    arrival.complete = true;
    upgrade(wanted.get('do') ?? '', { id, at: Number(wanted.get('at')), socket, head, record, arrival });
  }

  #arrive(
    id: string | undefined,
    request: IncomingMessage,
    record: RequestRecord,
    wanted: URLSearchParams,
  ): Arrival | undefined {
    if (id === undefined) {
      this.#broken('an upstream gets only what was asked', `${request.method} ${request.url}`);
      request.socket.destroy();
      return undefined;
    }
    const { protocol, fingerprint } = record.connection;
    const arrival = this.#ledger.arrive(id, {
      route: this.spec.name,
      method: request.method ?? '',
      nth: record.nth,
      protocol,
      client: fingerprint,
      framing: wanted.get('framing') ?? 'length',
      complete: false,
      bytes: 0,
      answered: false,
      severed: false,
    });
    this.#underWay.add(arrival);
    record.over.then(() => this.#underWay.delete(arrival));
    return arrival;
  }

  /** A body has come whole: it must be the one that was sent with this id. */
  #compare(id: string, { bytes, sha256, body, method }: RequestRecord): void {
    const asked = this.#ledger.asked.get(id);
    const { standing, size } = asked ?? {};
    const isWhole = standing === 'due' || standing === 'loose';
    const digest = createHash('sha256').update(bodyOf(id, bytes)).digest('hex');
    if (isWhole && size === bytes && asked?.method === method && sha256 === digest) return;
    const sent = asked === undefined ? 'nobody sent it' : `${standing}: ${asked.method} with ${size} bytes`;
    const came = `${method} with ${bytes} bytes, ${JSON.stringify(body.toString('latin1', 0, 60))}`;
    const text = `${came}, instead of ${sent}`;
    this.#ledger.broken({ rule: 'bodies arrive as they were sent', id, route: this.spec.name, text });
  }

  #broken(rule: string, text: string): void {
    this.#ledger.broken({ rule, route: this.spec.name, text: `${text} (in the phase ${this.#phase.name})` });
  }
}

function read(request: IncomingMessage): { id: string | undefined; wanted: URLSearchParams } {
  const url = request.url ?? '';
  return { id: idIn(url), wanted: new URL(url, 'http://upstream').searchParams };
}

/** Whether a front's action can look as if the offer were to blame: an end before the client's second flight. */
function mayBlame(action: Action): boolean {
  if (action === 'reset' || action === 'close') return true;
  if (typeof action !== 'object') return false;
  if ('alert' in action) return true;
  return 'passUntil' in action && action.passUntil !== 'client-flight' && action.end !== 'silent';
}
