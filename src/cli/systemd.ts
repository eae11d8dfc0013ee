import { parseListen } from '../config/addresses.ts';
import { knock } from './knock.ts';

/** Milliseconds that systemd-notify may take, and a listener to answer a knock. */
const patience = 5000;

/** So many times within `WatchdogSec=` the watchdog is told, so that one that is lost ends nothing. */
const chances = 3;

/** What {@link Systemd} works with besides. */
export interface SystemdOptions {
  /** As it was at the start. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes a sentence about what does not work. */
  readonly warn: (text: string) => void;
  readonly pid?: number;
}

/**
 * Tells systemd how the service is (sd_notify(3)): `READY=1`, `STOPPING=1`, and `WATCHDOG=1` for as long as a listener
 * answers. systemd listens on a datagram socket, which Node cannot open, so each word is one run of systemd-notify; the
 * unit needs `NotifyAccess=all`. Where nobody started us who wants to know (`NOTIFY_SOCKET`), it does nothing.
 */
export class Systemd {
  readonly #options: SystemdOptions;
  readonly #socket: string | undefined;
  /** Milliseconds between two words to the watchdog; undefined without one. */
  readonly #interval: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** One word at a time, for they mean something in their order. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: SystemdOptions) {
    this.#options = options;
    const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = options.env;
    this.#socket = NOTIFY_SOCKET || undefined;
    const { pid = process.pid } = options;
    const isOurs = (WATCHDOG_PID ?? '') === '' || Number(WATCHDOG_PID) === pid;
    const microseconds = Number(WATCHDOG_USEC);
    if (isOurs && microseconds > 0) this.#interval = microseconds / 1000 / chances;
  }

  /**
   * The service has started.
   *
   * @param addresses asked each time for what it listens on; the first one is what the watchdog knocks at
   */
  ready(addresses: () => readonly string[]): void {
    if (this.#socket === undefined) return;
    this.#tell('READY=1', `STATUS=listening on ${addresses().join(', ')}`);
    if (this.#interval !== undefined) this.#watchIn(this.#interval, addresses);
  }

  /** The service is ending. systemd's watchdog asks nothing more. */
  stopping(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#socket !== undefined) this.#tell('STOPPING=1', 'STATUS=draining');
  }

  /** Resolves when everything is told. */
  close(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#last;
  }

  #watchIn(interval: number, addresses: () => readonly string[]): void {
    const timer = setTimeout(async () => {
      const [first] = addresses();
      const where = first === undefined ? undefined : parseListen(first);
      try {
        if (where !== undefined && !('systemd' in where)) await knock(where, patience);
        if (this.#timer === timer) await this.#tell('WATCHDOG=1');
      } catch (error) {
        this.#options.warn(`the watchdog is not told that all is well: ${(error as Error).message}`);
      }
      if (this.#timer === timer) this.#watchIn(interval, addresses);
    }, interval);
    this.#timer = timer.unref();
  }

  #tell(...words: readonly string[]): Promise<void> {
    const { warn } = this.#options;
    this.#last = this.#last.then(async () => {
      const problem = await this.#run(words);
      if (problem !== undefined) warn(`systemd could not be told ${words[0]}: ${problem}`);
    });
    return this.#last;
  }

  /** What went wrong, if anything did. */
  async #run(words: readonly string[]): Promise<string | undefined> {
    // Only here, for it takes a few milliseconds of every start.
    const { spawn } = await import('node:child_process');
    const env = { PATH: this.#options.env['PATH'], NOTIFY_SOCKET: this.#socket };
    return new Promise((resolve) => {
      let text = '';
      const failed = ({ code, message }: NodeJS.ErrnoException): void => resolve(reasons[code ?? ''] ?? message);
      try {
        const child = spawn('systemd-notify', words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
        // Not spawn's own time-out, which holds up the end of the process after a program that is not there.
        const timer = setTimeout(() => child.kill('SIGKILL'), patience).unref();
        child.once('close', () => clearTimeout(timer));
        child.stderr.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        child.once('error', failed);
        child.once('close', (code, signal) =>
          resolve(code === 0 ? undefined : text.trim() || `systemd-notify ended with ${signal ?? code}`),
        );
      } catch (error) {
        failed(error as NodeJS.ErrnoException);
      }
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no systemd-notify on the PATH; install it, or set Type=exec in the unit',
  ERR_ACCESS_DENIED:
    "Node's permission model lets no program be started; start Node without it, or set Type=exec in the unit",
};
