/** What a client saw of the answer to its request. */
export interface Seen {
  readonly status: number;
  /** The answer ended as its framing says. */
  readonly whole: boolean;
  /** Bytes of the body. */
  readonly bytes: number;
  /** The `cause` of a problem document. */
  readonly cause: string | undefined;
}

/**
 * What may become of a request:
 * - `due`: it was sent whole by a client that waited for the end: one line in the log
 * - `loose`: its client left, sent it behind others, or came when no place was left: one line at most
 * - `broken`: it is no valid request, or one that the guard refuses: one line at most, and no upstream sees it
 * - `ragged`: its body is not valid: one line at most, and no upstream gets it whole
 */
export type Standing = 'due' | 'loose' | 'broken' | 'ragged';

/** A request that a client sent, or began to send. */
export interface Asked {
  readonly id: string;
  readonly method: string;
  readonly route: string;
  /** Bytes of its body. */
  readonly size: number;
  /** What the client does, and what it asks the upstream to do: for reports. */
  readonly kind: string;
  /** The oldest of our client certificates that it may go out with, as an index of the ledger's list. */
  readonly client: number;
  standing: Standing;
  /** Its route was not in the configuration, all the time until it was answered. */
  absent: boolean;
  seen?: Seen;
}

/** A request as an upstream's application got it. */
export interface Arrival {
  readonly route: string;
  readonly method: string;
  /** Requests before it on its connection. */
  readonly nth: number;
  /** Negotiated protocol version of its connection. */
  readonly protocol: string;
  /** SHA-256 of the client certificate; undefined where none was shown, as on a resumed connection. */
  readonly client: string | undefined;
  /** How its answer is framed; `close`: by the end of the connection. */
  readonly framing: string;
  /** Its message ended as its framing says. */
  complete: boolean;
  /** Bytes of the body so far. */
  bytes: number;
  /** All of the answer was given to the connection. */
  answered: boolean;
  /** The connection was ended by a bare FIN before it was over. */
  severed: boolean;
}

/** Something that must not be. */
export interface Violation {
  /** Which invariant is broken. */
  readonly rule: string;
  /** Of the request, where it is about one. */
  readonly id?: string;
  readonly route?: string;
  readonly text: string;
}

/** What clients sent and upstreams got, under ids that both can read, and what was to be so meanwhile. */
export class Ledger {
  readonly asked = new Map<string, Asked>();
  readonly arrivals = new Map<string, Arrival[]>();
  /** What was found while it happened. */
  readonly violations: Violation[] = [];
  /** CONNECT requests: they bear no id. */
  readonly connects = { sent: 0, answered: 0 };
  /** Other requests without an id. */
  strays = 0;
  /** SHA-256 of our client certificates, in the order in which they were put in place. */
  readonly clients: string[] = [];
  /** Index of the one that is in use for certain; a newer one may be on its way. */
  client = 0;
  /** The route that is not in the configuration for certain. */
  absent: string | undefined;

  /** Notes a request before its first byte is sent. */
  ask(request: Omit<Asked, 'client' | 'absent'>): Asked {
    const asked = { ...request, client: this.client, absent: this.absent === request.route };
    this.asked.set(asked.id, asked);
    return asked;
  }

  /** Notes what a client saw. */
  see(asked: Asked, seen: Seen): void {
    asked.seen = seen;
    asked.absent &&= this.absent === asked.route;
  }

  /** Notes that an upstream's application got a request. */
  arrive(id: string, arrival: Arrival): Arrival {
    const all = this.arrivals.get(id) ?? [];
    all.push(arrival);
    this.arrivals.set(id, all);
    return arrival;
  }

  /** Notes what must not be. */
  broken(violation: Violation): void {
    this.violations.push(violation);
  }
}

/** The id in a path or URL, `x` and digits as a segment of its own. */
export function idIn(path: string): string | undefined {
  return /\/(x\d+)(?=[/?]|$)/.exec(path)?.[1];
}
