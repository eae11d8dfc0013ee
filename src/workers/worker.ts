import { loadConfig } from '../config/load.ts';
import type { Logger } from '../log.ts';
import { ListenError } from '../server/listen-error.ts';
import { prepare, type Sound } from '../server/prepare.ts';
import type { Membership, Opened, RunningServer } from '../server/running-server.ts';
import { startServer } from '../server/server.ts';
import type { Learned } from '../server/snapshot.ts';
import { Line, type Wire } from './line.ts';
import type { Report } from './reports.ts';

/** What a worker works with. */
export interface WorkerOptions {
  /** The configuration's file. */
  readonly file: string;
  /** As it was at the start. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes variables out of the process's own environment. */
  readonly forget: (variables: readonly string[]) => void;
  readonly sound: Sound;
  readonly logger: Logger;
  /** The program's, to be shown. */
  readonly version: string;
  /** It is to end by itself: a signal has come to this process. */
  readonly stopped: Promise<void>;
}

/** What came of an order to listen: an address that cannot be listened on is told with the system's code. */
export type Listening<T> =
  | T
  | { readonly refused: Pick<ListenError, 'code' | 'message' | 'where'> & { reason: string } };

/** What a worker listens on since an order. */
export interface Opening {
  readonly opened: readonly Opened[];
  /** All that it listens on now, and what of it other machines reach. */
  readonly addresses: readonly string[];
  readonly exposed: readonly string[];
}

/**
 * One of several processes that serve: it does what the primary asks for over the wire.
 *
 * @returns resolves when it has stopped, to whether all that ran could finish
 */
export function obey(wire: Wire, options: WorkerOptions): Promise<boolean> {
  const { file, env, forget, sound, logger, version } = options;
  let server: RunningServer | undefined;
  const opened: Opened[] = [];
  let stopping: Promise<boolean> | undefined;
  const stop = (drain?: number): Promise<boolean> => {
    stopping ??= server?.stop(drain) ?? Promise.resolve(true);
    return stopping;
  };
  return new Promise((resolve) => {
    const line: Line = new Line(wire, {
      start: (known: readonly Learned[]) =>
        listening(async () => {
          const membership: Membership = {
            learned: (learned) => line.tell('learned', learned),
            opened: (sockets) => opened.push(...sockets),
          };
          server = await startServer({ sound, logger, membership, version });
          for (const each of known) server.adopt(each);
          return { opened: opened.splice(0), addresses: server.addresses, exposed: server.exposed };
        }),
      replace: () =>
        listening(async () => {
          const running = server as RunningServer;
          const loaded = loadConfig(file, env);
          const prepared = prepare(loaded, running.snapshot.sound.credentials);
          forget(loaded.variables);
          if (prepared.sound === undefined) throw new Error('the configuration has changed once more meanwhile');
          const replaced = await running.replace(prepared.sound);
          return { ...replaced, opened: opened.splice(0), addresses: running.addresses, exposed: running.exposed };
        }),
      learned: (learned: Learned) => server?.adopt(learned),
      inFlight: () => server?.inFlight,
      report: async (now: number): Promise<Report> => {
        const running = server as RunningServer;
        const { source } = running;
        const [status, unready] = await Promise.all([source.status(now), source.unready(now)]);
        return { status, unready, figures: await running.figures(now) };
      },
      stop: async (drain: number) => {
        const finished = await stop(drain);
        // The answer leaves before the wire is cut.
        setImmediate(resolve, finished);
        return { cut: server?.inFlight ?? 0 };
      },
    });
    // What is said to it before it listens would be lost.
    line.tell('ready', null);
    void options.stopped.then(() => stop()).then(resolve);
  });
}

async function listening<T>(act: () => Promise<T>): Promise<Listening<T>> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const { code, message, where, cause } = error;
    return { refused: { code, message, where, reason: (cause as Error).message } };
  }
}
