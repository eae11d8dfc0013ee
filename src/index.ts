import { type Diagnostic, headline } from './config/diagnostic.ts';
import { loadConfig, loadObject } from './config/load.ts';
import type { Configuration } from './configuration.ts';
import { version } from './installation.ts';
import { createLog, type Logger } from './log.ts';
import { prepare } from './server/prepare.ts';
import { Reloads } from './server/reload.ts';
import type { RunningServer } from './server/running-server.ts';
import { startServer } from './server/server.ts';

export type { Diagnostic } from './config/diagnostic.ts';
export type { Configuration, Route, RouteOptions } from './configuration.ts';

/** A logger of yours: pino's are such, and so is whatever takes fields and a message. */
export interface ProxyLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where a configuration is. */
export interface ConfigurationFile {
  /** Path of the YAML file. */
  readonly file: string;
}

/** What a proxy gets of the program around it. It takes nothing else of the process: no signal, no output, no environment. */
export interface ProxyOptions {
  /**
   * Where the log goes: to a logger, whose own level counts then, or as JSON lines to a stream, by the configuration's
   * `log.level`. Left out: nowhere.
   */
  readonly log?: ProxyLogger | { write(line: string): unknown };
  /** Variables for `${NAME}` and `{ env: NAME }`, such as `process.env`; none if left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What paths of a configuration that is no file are relative to; the working directory if left out. */
  readonly cwd?: string;
  /** Whether a change of the configuration's file, or of a file that it names, is taken over by itself; default true. */
  readonly watch?: boolean;
}

/** What a start or a reload came to. */
export interface Started {
  /** What is listened on: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/p.sock`, in the order of `listen`; port 0 is the real one by now. */
  readonly addresses: readonly string[];
  /** What is legal and ill-advised. */
  readonly warnings: readonly Diagnostic[];
}

/** A proxy within this process. It lives once: behind `stop` make another one. */
export interface MtlsProxy {
  /**
   * Opens every listener, or none.
   *
   * @throws ConfigurationError with all that is wrong; an error with a `code` such as EADDRINUSE; Error if it was started before
   */
  start(): Promise<Started>;
  /**
   * Takes over the configuration as it is now, all of it or nothing: requests that run finish by the old one.
   *
   * @param config another one; left out: the same, read again with all files that it names
   * @throws as `start` does, and the old configuration goes on; Error if it is not running
   */
  reload(config?: Configuration | ConfigurationFile): Promise<Started>;
  /**
   * Takes nothing new, and waits for what runs. Asked again, it is the same stop.
   *
   * @param drain milliseconds to wait; left out: the configuration's `drain`
   * @returns how many requests had to be cut off
   */
  stop(drain?: number): Promise<{ readonly cut: number }>;
}

/** A configuration that cannot run. */
export class ConfigurationError extends Error {
  /** Errors and warnings, each with its line and column or, without a file, its key. */
  readonly problems: readonly Diagnostic[];

  constructor(problems: readonly Diagnostic[]) {
    super(problems.map(headline).join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/**
 * A proxy that is not started yet: the one that `mtls-proxy run` starts, within this process and alone (`workers` is not heeded).
 *
 * @param config what the file would say, or where the file is; read when it starts
 */
export function createProxy(config: Configuration | ConfigurationFile, options: ProxyOptions = {}): MtlsProxy {
  return new Embedded(config, options);
}

class Embedded implements MtlsProxy {
  #config: Configuration | ConfigurationFile;
  readonly #options: ProxyOptions;
  #running: Promise<{ server: RunningServer; reloads: Reloads; started: Started }> | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  #stopped: Promise<{ readonly cut: number }> | undefined;

  constructor(config: Configuration | ConfigurationFile, options: ProxyOptions) {
    this.#config = config;
    this.#options = options;
  }

  async start(): Promise<Started> {
    if (this.#running !== undefined || this.#stopped !== undefined) throw new Error(once);
    this.#running = this.#open();
    return (await this.#running).started;
  }

  async #open() {
    const loaded = this.#load();
    const { problems, sound } = prepare(loaded);
    if (sound === undefined) throw new ConfigurationError(problems);
    const logger = await loggerOf(this.#options.log, sound.config.log.level);
    const server = await startServer({ sound, logger, version: version() });
    const { file, found } = loaded;
    const means = this.#options.watch === false ? { means: false as const } : {};
    const reloads = new Reloads({ load: () => this.#load(), server, logger, first: { file, found }, ...means });
    return { server, reloads, started: { addresses: server.addresses, warnings: problems } };
  }

  #load() {
    const { env = {}, cwd = '.' } = this.#options;
    // A program without types may give anything.
    const config: unknown = this.#config;
    const isFile = typeof config === 'object' && config !== null && 'file' in config;
    return isFile ? loadConfig(String(config.file), env) : loadObject(config, cwd, env);
  }

  reload(config?: Configuration | ConfigurationFile): Promise<Started> {
    // One behind the other, so that each is told what came of its own.
    const reloaded = this.#reloading.then(() => this.#reload(config));
    this.#reloading = reloaded.catch(() => undefined);
    return reloaded;
  }

  async #reload(config = this.#config): Promise<Started> {
    if (this.#running === undefined || this.#stopped !== undefined) throw new Error(notRunning);
    const { server, reloads } = await this.#running;
    const before = this.#config;
    this.#config = config;
    const { outcome, problems, error } = await reloads.ask();
    if (outcome === 'draining') throw new Error(notRunning);
    if (outcome !== 'failed') return { addresses: server.addresses, warnings: problems };
    this.#config = before;
    throw error ?? new ConfigurationError(problems);
  }

  stop(drain?: number): Promise<{ readonly cut: number }> {
    this.#stopped ??= this.#stop(drain);
    return this.#stopped;
  }

  async #stop(drain?: number): Promise<{ readonly cut: number }> {
    // What failed to start has told so already, and has nothing to stop.
    const running = await this.#running?.catch(() => undefined);
    if (running === undefined) return { cut: 0 };
    running.reloads.close();
    // Whoever has asked for the end may see at once that nobody listens.
    await running.server.stop(drain, true);
    return { cut: running.server.inFlight };
  }
}

const once = 'a proxy starts once; make another one by createProxy';
const notRunning = 'the proxy is not running: nothing can be reloaded';

const silent: Logger = {
  level: 'silent',
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

async function loggerOf(log: ProxyOptions['log'], level: Parameters<typeof createLog>[0]['level']): Promise<Logger> {
  if (log === undefined) return silent;
  if ('write' in log) return (await createLog({ level, format: 'json', stream: log })).logger;
  // Of its own, because the configuration sets the level of what it is given.
  return {
    level,
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}
