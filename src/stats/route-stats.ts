import { type Attempt, type Cause, clientCauses } from '../errors.ts';
import { codeLabel } from './code-label.ts';
import { Durations } from './durations.ts';
import { Tally } from './tally.ts';
import { Traffic } from './traffic.ts';

/** A way up the ladder that is over, for those who look back at it. */
export interface HandshakeRecord {
  /** When it was over, in milliseconds of the epoch. */
  readonly at: number;
  readonly ms: number;
  /** `trial`: a higher offer tried again in the background, for no request. */
  readonly purpose: 'request' | 'trial';
  /** What was negotiated; undefined where nothing was, and nothing but the protocol for a trial. */
  readonly protocol?: string | undefined;
  readonly cipher?: string;
  readonly group?: string;
  readonly resumed?: boolean;
  readonly offer?: string;
  /**
   * Why it failed; undefined also where the client left before its end. Beside a protocol: the server refused us once the
   * handshake was complete, which is known only later.
   */
  cause?: Cause | undefined;
  attempts: readonly Attempt[];
}

/** The last failure that lies with a route and not with its clients. */
export interface FailureRecord {
  /** In milliseconds of the epoch. */
  readonly at: number;
  readonly cause: Cause;
  /** One sentence that says what to change; undefined for a fault of our own. */
  readonly detail: string | undefined;
  readonly status: number;
}

/** So many handshakes are kept, and so many attempts of each. */
const handshakesKept = 10;
const attemptsKept = 20;

/** What happened on one route: plain counters since the start, and the last of what a person looks for. All of it is bounded. */
export class RouteStats {
  readonly durations = new Durations();
  readonly handshakeDurations = new Durations();
  /** By protocol and outcome. */
  readonly handshakes = new Tally();
  /** By the offers from and to. */
  readonly fallbacks = new Tally();
  downgrades = 0;
  replays = 0;
  readonly traffic: Traffic;
  /** The last failure, and whether no request has gone well since. */
  lastFailure: FailureRecord | undefined;
  failing = false;
  /** Newest last. */
  readonly recent: HandshakeRecord[] = [];
  /** Requests before the route began anew. */
  #before = 0;
  /** By status: most requests come to the same few, and cost no text. */
  readonly #answered = new Map<number, number>();
  /** By code and cause. */
  readonly #failed = new Tally();

  /** @param now a clock in milliseconds that never goes back */
  constructor(now?: () => number) {
    this.traffic = new Traffic(now);
  }

  /** Whether a request has come since the route began, or began anew. */
  get used(): boolean {
    return this.durations.count > this.#before;
  }

  /** The route begins anew, see {@link Metrics.begin}: counters go on, the last failure is of another one. */
  begin(): void {
    this.#before = this.durations.count;
    this.failing = false;
  }

  /** A request is over, see {@link Metrics.request}. */
  request(status: number, cause: Cause | undefined, seconds: number, detail: string | undefined): void {
    const bucket = this.durations.observe(seconds);
    const failed = cause === undefined ? status >= 500 : !clientCauses.has(cause);
    // What a tunnel carries may go on for hours, and is no slow answer.
    this.traffic.count(status === 101 ? undefined : bucket, failed);
    if (cause !== undefined) {
      this.#failed.add(codeLabel(status), cause);
      if (!failed) return;
      this.failing = true;
      this.lastFailure = { at: Date.now(), cause, detail, status };
      return;
    }
    this.#answered.set(status, (this.#answered.get(status) ?? 0) + 1);
    // A client that left before any answer says nothing about the upstream.
    if (status > 0) this.failing = false;
  }

  /** An attempt is over, see {@link Metrics.handshake}. */
  handshake(protocol: string, outcome: string, seconds: number): void {
    this.handshakes.add(protocol, outcome);
    if (outcome === 'ok') this.handshakeDurations.observe(seconds);
  }

  /** Keeps a handshake, and drops the oldest. */
  record(handshake: HandshakeRecord): void {
    if (handshake.attempts.length > attemptsKept) handshake.attempts = handshake.attempts.slice(-attemptsKept);
    this.recent.push(handshake);
    if (this.recent.length > handshakesKept) this.recent.shift();
  }

  /** Requests that are over by code and cause, the cause empty where there is none. */
  get requests(): readonly { readonly labels: readonly string[]; readonly count: number }[] {
    const answered = new Map<string, number>();
    for (const [status, count] of this.#answered) {
      const code = codeLabel(status);
      answered.set(code, (answered.get(code) ?? 0) + count);
    }
    return [...[...answered].map(([code, count]) => ({ labels: [code, ''], count })), ...this.#failed.all];
  }
}
