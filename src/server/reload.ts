import { formatListen } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { type Diagnostic, headline } from '../config/diagnostic.ts';
import { notRegular } from '../config/file-reader.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../log.ts';
import type { Metrics, ReloadOutcome } from '../metrics.ts';
import { ListenError } from './listen-error.ts';
import { prepare, type Sound } from './prepare.ts';
import type { RunningServer } from './running-server.ts';
import { FileWatch, type WatchMeans } from './watch.ts';

/** Whose configuration can be replaced: a server, or several as one. */
export interface Replaceable extends Pick<RunningServer, 'draining' | 'replace'> {
  readonly metrics: Pick<Metrics, 'reload'>;
  readonly snapshot: Pick<RunningServer['snapshot'], 'sound' | 'generation' | 'config'>;
}

/** What {@link Reloads} work on. */
export interface ReloadOptions {
  /** Reads the configuration. */
  readonly load: () => LoadedConfig;
  /** Takes variables out of the process's own environment; left out: they stay. */
  readonly forget?: (variables: readonly string[]) => void;
  readonly server: Replaceable;
  readonly logger: Logger;
  /** What the start read. */
  readonly first: Pick<LoadedConfig, 'file' | 'found'>;
  /** What files are watched with; false: they are not. */
  readonly means?: WatchMeans | false;
}

/** What came of a reload. */
export interface Reloaded {
  readonly outcome: ReloadOutcome | 'draining';
  /** What is different now, in words. */
  readonly changed: readonly string[];
  /** Errors, if it failed, and warnings. */
  readonly problems: readonly Diagnostic[];
  /** What it failed by, if that is no problem of the configuration. */
  readonly error?: unknown;
}

/**
 * Reads the configuration again, when it is asked to and when a file of it changes, and has it take the place of the running
 * one: all of it or, if anything is wrong, nothing. What came of it is a line in the log.
 */
export class Reloads {
  readonly #options: ReloadOptions;
  #running: Promise<Reloaded> | undefined;
  #again = false;

  readonly #watch: FileWatch | undefined;
  /** Of the log, and the number of processes, since the start. */
  readonly #format: Config['log']['format'];
  readonly #workers: Config['workers'];

  constructor(options: ReloadOptions) {
    this.#options = options;
    const { config } = options.server.snapshot;
    this.#format = config.log.format;
    this.#workers = config.workers;
    const observer = { changed: () => void this.ask(), troubled: (text: string) => this.#log('warn', [], [text]) };
    this.#watch = options.means === false ? undefined : new FileWatch(observer, options.means);
    this.#watch?.follow(options.first.found);
  }

  /** Has it read; while that goes on, once more afterwards, however often it is asked. Resolves with what came of the last one. */
  ask(): Promise<Reloaded> {
    this.#again = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Looks at no file any more, unless it is asked. */
  close(): void {
    this.#watch?.close();
  }

  async #run(): Promise<Reloaded> {
    let last: Reloaded;
    do {
      this.#again = false;
      last = await this.#reload();
      this.#tell(last);
    } while (this.#again);
    // In the same turn as the look at whether to go on, so that nobody is turned away in between.
    this.#running = undefined;
    return last;
  }

  async #reload(): Promise<Reloaded> {
    const { load, forget, server, first } = this.#options;
    if (server.draining) return stopping;
    if (first.found.get(first.file) === notRegular)
      return { outcome: 'failed', changed: [], problems: [onlyOnce(first.file)] };
    let loaded: LoadedConfig | undefined;
    try {
      loaded = load();
      this.#watch?.follow(loaded.found);
      const { problems, sound } = prepare(loaded, server.snapshot.sound.credentials);
      forget?.(loaded.variables);
      if (sound === undefined) return { outcome: 'failed', changed: [], problems };
      const { outcome, changed } = await server.replace(sound);
      if (outcome === 'draining') return stopping;
      return { outcome, changed, problems: [...problems, ...this.#fixed(sound, loaded)] };
    } catch (error) {
      const isPlaced = error instanceof ListenError && loaded?.config !== undefined;
      return {
        outcome: 'failed',
        changed: [],
        problems: isPlaced ? [placed(error, loaded as LoadedConfig)] : [],
        error,
      };
    }
  }

  /** Warns of what only a start takes over. */
  #fixed({ config: { log, workers } }: Sound, { diagnose }: LoadedConfig): Diagnostic[] {
    const warn = (path: readonly string[]): Diagnostic =>
      diagnose(path, `\`${path.join('.')}\` is as it was at the start; restart to change it`, 'warning');
    return [
      ...(log.format === this.#format ? [] : [warn(['log', 'format'])]),
      ...(workers === this.#workers ? [] : [warn(['workers'])]),
    ];
  }

  #tell({ outcome, changed, problems, error }: Reloaded): void {
    const unplaced = error !== undefined && problems.length === 0;
    const told = outcome === 'draining' ? [notAnyMore] : unplaced ? [String(error)] : problems.map(headline);
    if (outcome !== 'draining') this.#options.server.metrics.reload(outcome, told);
    this.#log(outcome === 'failed' ? 'error' : 'info', changed, told, unplaced ? error : undefined);
  }

  #log(level: 'info' | 'warn' | 'error', changed: readonly string[], problems: readonly string[], err?: unknown): void {
    const { logger, server } = this.#options;
    logger[level]({ generation: server.snapshot.generation, changed, problems, err }, 'reload');
  }
}

const notAnyMore = 'the proxy is stopping; it reads no configuration any more';
const stopping: Reloaded = { outcome: 'draining', changed: [], problems: [] };

function onlyOnce(file: string): Diagnostic {
  const message = 'the configuration came from a pipe, and cannot be read again; name a file, and restart';
  return { severity: 'error', file, line: 1, column: 1, message, source: '' };
}

function placed({ where, message }: ListenError, { config, diagnose }: LoadedConfig): Diagnostic {
  const index = config?.listen.findIndex((one) => formatListen(one) === formatListen(where)) ?? -1;
  return diagnose(index === -1 ? ['admin'] : ['listen', index], message);
}
