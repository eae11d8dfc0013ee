import { pino, symbols } from 'pino';
import { painted, sentenceOf, unpainted } from './sentence.ts';

/** What the rest of the program logs with: one object and one of the fixed messages a line. pino's are such. */
export interface Logger {
  /** The least important lines that are written. */
  level: string;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where the lines go; a stream only for those who want to read them in this process. */
export interface LogOptions {
  readonly level: pino.LevelWithSilent;
  readonly format: 'auto' | 'json' | 'pretty';
  readonly stream?: { write(line: string): void };
  /** Whether the standard output is a terminal: decides what `auto` means. */
  readonly terminal?: boolean;
  /** Other processes write to it, too: no line may be torn. */
  readonly shared?: boolean;
  /** Whether readable lines have colours. */
  readonly colour?: boolean;
}

/** So many bytes go into a pipe in one piece or not at all (PIPE_BUF of pipe(7)). */
const atomicWrite = 4096;

/** How many bytes are written at once, and for how many milliseconds a line may wait for others. */
const gathered = 16_384;
const patience = 10;

/** pino's number for `warn`. */
const warning = 40;

/** A logger and the way to have everything written before the process ends. */
export interface Log {
  readonly logger: pino.Logger;
  /** Writes what is still held, in order, and ends the log. */
  close(): Promise<void>;
}

/**
 * The program's log: JSON lines, or readable ones on a terminal ({@link sentenceOf}).
 *
 * JSON lines are written without waiting for the disk, many at once under load, so {@link Log.close} is needed before the
 * process ends; from `warn` on a line waits for nothing.
 */
export async function createLog(options: LogOptions): Promise<Log> {
  const { level, format, stream, terminal = false, colour = false, shared = false } = options;
  if (stream !== undefined) return { logger: pino({ level }, stream), close };
  if (format === 'pretty' || (format === 'auto' && terminal)) {
    const { PinoPretty } = await import('pino-pretty');
    const paint = colour ? painted : unpainted;
    const pretty = PinoPretty({
      sync: true,
      colorize: colour,
      // The sentence has its own.
      customColors: { ...levelColours, message: 'reset' },
      translateTime: 'SYS:HH:MM:ss.l',
      customPrettifiers: { time: String },
      ignore: 'pid,hostname',
      messageFormat: (line) => sentenceOf(line, paint),
      hideObject: true,
    });
    return { logger: pino({ level }, pretty), close };
  }
  const destination = pino.destination({ fd: 1, sync: false, ...(shared && { maxWrite: atomicWrite }) });
  const gathering = new Gathering((lines) => destination.write(lines), shared ? atomicWrite : gathered);
  const logger = pino({ level }, gathering);
  return {
    logger,
    close: () =>
      new Promise((resolve) => {
        gathering.flush();
        destination.once('close', resolve);
        // Not flushSync, which overtakes a write that is still under way.
        destination.end();
      }),
  };
}

/** Holds lines until there are enough of them, or one has waited long enough: a write costs more than a line. */
class Gathering {
  /** Has pino set {@link lastLevel} before each line. */
  readonly [symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  readonly #write: (lines: string) => unknown;
  readonly #most: number;
  #held = '';
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param most how many bytes are handed over at once, unless one line is longer */
  constructor(write: (lines: string) => unknown, most: number) {
    this.#write = write;
    this.#most = most;
  }

  write(line: string): void {
    const length = Buffer.byteLength(line);
    if (this.#length + length > this.#most) this.flush();
    this.#held += line;
    this.#length += length;
    if (this.lastLevel >= warning) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), patience);
  }

  /** Hands over what is held. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#length === 0) return;
    const held = this.#held;
    this.#held = '';
    this.#length = 0;
    this.#write(held);
  }
}

const levelColours = { fatal: 'bgRed', error: 'red', warn: 'yellow', info: 'green', debug: 'blue', trace: 'gray' };

/** Of logs that hold nothing back. */
async function close(): Promise<void> {}
