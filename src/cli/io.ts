import { isatty } from 'node:tty';
import { forThisProcess } from '../config/inherited.ts';
import { workerMark } from '../workers/size.ts';

/** What a command touches outside itself; the only way from a command to the process. */
export interface Io {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** As it was at the start, without sockets that were meant for another process. */
  readonly env: NodeJS.ProcessEnv;
  /** Takes variables out of the process's own environment: what reports on the process would show them. */
  forget(variables: readonly string[]): void;
  /** What the process makes from now on, it makes for its user only (umask(2)). */
  keepPrivate(): void;
  /** Calls with what a promise was rejected by that nobody awaits, from now on, instead of ending the process. */
  catchStray(tell: (reason: unknown) => void): void;
  /**
   * From now on a SIGHUP does not end the process; but one that comes because the terminal is gone still does, and on Windows,
   * where there is no other.
   */
  catchHangups(): Hangups;
  /** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly stopped: Promise<void>;
  /** Aborts at the same moment. */
  readonly signal: AbortSignal;
}

/** SIGHUPs that are caught. */
export interface Hangups {
  /** Calls at each, and at once if one has come already. */
  each(react: () => void): void;
}

/** The descriptors of input, output and messages. */
const standard = [0, 1, 2];

/** Ties a command to this process. */
export function processIo(): Io {
  const controller = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
      asked = true;
      controller.abort();
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    // Node would open its inspector, to every user of the machine, with the private keys behind it.
    process.on('SIGUSR1', () => undefined);
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: ownEnvironment(),
    forget: (variables) => {
      for (const name of variables) delete process.env[name];
    },
    keepPrivate: () => void process.umask(0o177),
    catchStray: (tell) => void process.on('unhandledRejection', tell),
    catchHangups,
    stopped,
    signal: controller.signal,
  };
}

function catchHangups(): Hangups {
  let came = false;
  let react = (): void => {
    came = true;
  };
  const terminals = standard.filter((fd) => isatty(fd));
  const caught = (signal: NodeJS.Signals): void => {
    if (terminals.length === 0 || terminals.some((fd) => isatty(fd))) {
      react();
      return;
    }
    process.removeListener(signal, caught);
    process.kill(process.pid, signal);
  };
  if (process.platform !== 'win32') process.on('SIGHUP', caught);
  return {
    each: (given) => {
      react = given;
      if (came) react();
    },
  };
}

/** A worker takes by the primary what was handed over to that. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const { env, pid } = process;
  return env[workerMark] === undefined ? forThisProcess(env, pid) : { ...env };
}
