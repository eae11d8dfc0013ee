import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { RequestRecord } from '../../test/fixtures/upstreams.ts';
import { poison } from './bytes.ts';
import type { Arrival } from './ledger.ts';

/** An upgrade that an upstream is asked for. */
export interface Wish {
  readonly id: string;
  /** A number of the client's choice, for what has a place or a time. */
  readonly at: number;
  readonly socket: Duplex;
  /** What came behind the request. */
  readonly head: Buffer;
  readonly record: RequestRecord;
  readonly arrival: Arrival;
}

const kinds: Readonly<Record<string, (wish: Wish) => unknown>> = {
  /** Echoes until the client has ended, and ends then. */
  echo: (wish) => {
    agree(wish);
    wish.socket.write(wish.head);
    wish.socket.on('end', () => wish.socket.end());
    wish.socket.pipe(wish.socket, { end: false });
  },
  /** Speaks first, in one piece with its consent, and echoes. */
  eager: (wish) => {
    agree(wish, wish.id);
    wish.socket.write(wish.head);
    wish.socket.on('end', () => wish.socket.end());
    wish.socket.pipe(wish.socket, { end: false });
  },
  /** Refuses, with a body. */
  refuse: ({ id, socket, arrival }) => {
    arrival.answered = true;
    const head = `HTTP/1.1 403 Forbidden\r\nX-Id: ${id}\r\nConnection: close\r\nContent-Length: ${id.length}`;
    socket.end(`${head}\r\n\r\n${id}`);
  },
  /** Is gone before it has answered. */
  lost: ({ record }) => record.connection.reset(),
  /** Breaks off while it echoes: by a reset, a bare FIN, or properly. */
  broken: async (wish) => {
    agree(wish);
    wish.socket.write(wish.head);
    wish.socket.pipe(wish.socket, { end: false });
    await pause(wish.at % 60);
    const { connection } = wish.record;
    if (wish.at % 3 === 0) connection.reset();
    else if (wish.at % 3 === 1) connection.drop();
    else wish.socket.end();
  },
  /** Agrees, and says nothing more. */
  silent: (wish) => {
    agree(wish);
    wish.socket.resume();
  },
  /** Agrees to nothing in particular. */
  vague: ({ socket }) => void socket.write(`HTTP/1.1 101 Switching Protocols\r\n\r\n${poison}`),
};

/** The names of what an upgrade can come to. */
export const upgradeKinds: readonly string[] = Object.keys(kinds);

/** Does with an upgrade what its client wants. */
export function upgrade(kind: string, wish: Wish): void {
  // A peer that is gone is what much of this is about; the client's side tells what became of it.
  wish.socket.on('error', () => undefined);
  const chosen = kinds[kind];
  if (chosen === undefined) throw new Error(`no such upgrade: ${kind}`);
  chosen(wish);
}

function agree({ socket, id, arrival }: Wish, behind = ''): void {
  arrival.answered = true;
  const head = `HTTP/1.1 101 Switching Protocols\r\nX-Id: ${id}\r\nConnection: Upgrade\r\nUpgrade: chaos\r\n\r\n`;
  if (!socket.destroyed) socket.write(`${head}${behind}`);
}
