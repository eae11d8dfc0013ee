import { pino, symbols } from 'pino';
import { type HandshakeLine, handshakeFieldsOf } from './handshake-line.ts';
import { type RequestLine, requestFieldsOf } from './request-line.ts';
import { painted, sentenceOf, unpainted } from './sentence.ts';

/** What the rest of the program logs with: one object and one of the fixed messages a line. pino's are such. */
export interface Logger {
  /** The least important lines that are written. */
  level: string;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** The `request` line at the level `info`, of which there are more than of all others; left out: `info` takes it. */
  request?(line: RequestLine): void;
  /** The `handshake` line of a connection, at the level `info`; left out: `info` takes it. */
  handshake?(line: HandshakeLine): void;
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
  /** Told why lines are lost, as on a disk that is full, at the first of them; not of a pipe that nobody reads any more. */
  readonly lost?: (reason: Error) => void;
}

/** So many bytes go into a pipe in one piece or not at all (PIPE_BUF of pipe(7)). */
const atomicWrite = 4096;

/** How many bytes are written at once at most, and for how many milliseconds a line may wait for others. */
const gathered = 32_768;
const patience = 10;

/** So many bytes are kept while they cannot be written, at most; later lines are dropped. */
const keptUnwritten = 4 * 1024 * 1024;

/** pino's number for `warn`. */
const warning = 40;

/** A logger and the way to have everything written before the process ends. */
export interface Log {
  readonly logger: pino.Logger & Logger;
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
  const { level, format, stream, terminal = false, colour = false, shared = false, lost = ignore } = options;
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
  const gathering = new Gathering(shared ? atomicWrite : gathered, lost);
  const logger = pino({ level }, gathering);
  const request = ownLine(logger, gathering, 'request', requestFieldsOf);
  const handshake = ownLine(logger, gathering, 'handshake', handshakeFieldsOf);
  return { logger: Object.assign(logger, { request, handshake }), close: () => gathering.close() };
}

/**
 * Writes lines of one kind, at the level `info`, as pino would.
 *
 * @param fieldsOf their fields as JSON, each with a comma before it
 */
function ownLine<Line>(
  logger: pino.Logger,
  gathering: Gathering,
  message: string,
  fieldsOf: (line: Line) => string,
): (line: Line) => void {
  const { info } = pino.levels.values as { readonly info: number };
  // What pino writes of the process, with a comma before it.
  const process = (logger as unknown as Record<symbol, string>)[symbols.chindingsSym];
  return (line) => {
    if (logger.levelVal > info) return;
    gathering.lastLevel = info;
    gathering.write(`{"level":${info},"time":${Date.now()}${process}${fieldsOf(line)},"msg":"${message}"}\n`);
  };
}

type Destination = ReturnType<typeof pino.destination>;

/**
 * Has lines written when there are enough of them, or one has waited long enough: a write costs more than a line.
 *
 * They are gathered as bytes, and the destination, which would count and copy all that it has for each line, gets them
 * together. When the process ends, be it by an exception, it writes what is left.
 */
class Gathering {
  /** Has pino set {@link lastLevel} before each line. */
  readonly [symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  readonly #destination: Destination;
  readonly #size: number;
  #bytes: Buffer;
  #used = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The last piece could not be written. It is tried again with the next one. */
  #isFailing = false;
  /** It has been told, and since then not all has been written. */
  #isTold = false;

  /**
   * @param size bytes that are written at once at most, but for a longer line
   * @param lost told why lines are not written, each time it begins
   */
  constructor(size: number, lost: (reason: Error) => void) {
    this.#size = size;
    this.#bytes = Buffer.allocUnsafeSlow(size);
    const options = { fd: 1, sync: false, maxWrite: size, maxLength: keptUnwritten, contentMode: 'buffer' };
    this.#destination = pino.destination(options);
    const tell = (reason: Error): void => {
      if (!this.#isTold) lost(reason);
      this.#isTold = true;
    };
    this.#destination.on('write', () => {
      this.#isFailing = false;
    });
    this.#destination.on('drain', () => {
      this.#isTold = false;
    });
    this.#destination.on('drop', () => tell(new Error('they come faster than they are taken')));
    // Without a listener it would be thrown, and the process would not end: the destination tries for ever to write the rest.
    this.#destination.on('error', (reason: NodeJS.ErrnoException) => {
      this.#isFailing = true;
      if (reason.code !== 'EPIPE') tell(reason);
    });
    // Called at the end of the process, by the destination itself.
    const { flushSync } = this.#destination;
    this.#destination.flushSync = () => {
      this.#handOver();
      if (!this.#isFailing) flushSync.call(this.#destination);
    };
  }

  write(line: string): void {
    // No character has more bytes of UTF-8 than three for each of its units of UTF-16.
    const most = line.length * 3;
    if (most > this.#size - this.#used) this.#handOver();
    if (most > this.#size) this.#give(Buffer.from(line));
    else this.#used += this.#bytes.write(line, this.#used);
    if (this.#timer === undefined || this.lastLevel >= warning) this.#handOver();
    this.#timer ??= setTimeout(this.#look, patience);
  }

  /** Has everything written, in order, and the destination closed; or tries, where that failed before. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#destination.once('close', resolve);
      this.#destination.once('error', () => resolve());
      clearTimeout(this.#timer);
      this.#handOver();
      // Of a pipe that nobody reads any more the destination says nothing further.
      if (this.#isFailing) setImmediate(resolve);
      // Not flushSync, which overtakes a write that is still under way.
      this.#destination.end();
    });
  }

  /** While lines keep coming they are gathered; the first after a pause has nobody to wait for. */
  readonly #look = (): void => {
    this.#timer = this.#used === 0 ? undefined : setTimeout(this.#look, patience);
    this.#handOver();
  };

  #handOver(): void {
    if (this.#used === 0) return;
    const bytes = this.#bytes.subarray(0, this.#used);
    this.#bytes = Buffer.allocUnsafeSlow(this.#size);
    this.#used = 0;
    this.#give(bytes);
  }

  #give(bytes: Buffer): void {
    // The types know no destination for bytes.
    this.#destination.write(bytes as unknown as string);
  }
}

const levelColours = { fatal: 'bgRed', error: 'red', warn: 'yellow', info: 'green', debug: 'blue', trace: 'gray' };

function ignore(): void {}

/** Of logs that hold nothing back. */
async function close(): Promise<void> {}
