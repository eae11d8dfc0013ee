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

/** How many bytes are written at once at most, and for how many milliseconds a line may wait for others. */
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
  const most = shared ? atomicWrite : gathered;
  // The destination holds what it has not written, and writes it when the process ends, be it by an exception.
  const destination = pino.destination({ fd: 1, sync: false, minLength: most / 2, maxWrite: most });
  const gathering = new Gathering(destination);
  return {
    logger: pino({ level }, gathering),
    close: () =>
      new Promise((resolve) => {
        destination.once('close', resolve);
        gathering.end();
      }),
  };
}

type Destination = ReturnType<typeof pino.destination>;

/** Has lines written when there are enough of them, or one has waited long enough: a write costs more than a line. */
class Gathering {
  /** Has pino set {@link lastLevel} before each line. */
  readonly [symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  readonly #destination: Destination;
  #timer: NodeJS.Timeout | undefined;
  /** There may be lines that were not written because a write was under way. */
  #late = false;
  #ended = false;

  constructor(destination: Destination) {
    this.#destination = destination;
    destination.on('drain', () => {
      if (!this.#late) return;
      this.#late = false;
      destination.flush();
    });
  }

  write(line: string): void {
    this.#destination.write(line);
    if (this.#ended) return;
    if (this.lastLevel >= warning) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), patience);
  }

  /** Has everything written, and the destination closed. */
  end(): void {
    clearTimeout(this.#timer);
    this.#late = false;
    this.#ended = true;
    // Not flushSync, which overtakes a write that is still under way.
    this.#destination.end();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#late = true;
    this.#destination.flush();
  }
}

const levelColours = { fatal: 'bgRed', error: 'red', warn: 'yellow', info: 'green', debug: 'blue', trace: 'gray' };

/** Of logs that hold nothing back. */
async function close(): Promise<void> {}
