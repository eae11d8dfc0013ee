import { formatListen } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { type Diagnostic, headline } from '../config/diagnostic.ts';
import { notRegular } from '../config/file-reader.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
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
  /** The configuration. */
  readonly file: string;
  /** As it was at the start. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes variables out of the process's own environment. */
  readonly forget: (variables: readonly string[]) => void;
  readonly server: Replaceable;
  readonly logger: Logger;
  /** What was found of each file when the start read it. */
  readonly found: LoadedConfig['found'];
  /** What files are watched with. */
  readonly means?: WatchMeans;
}

/**
 * Reads the configuration again, when it is asked to and when a file of it changes, and has it take the place of the running
 * one: all of it or, if anything is wrong, nothing. What came of it is a line in the log.
 */
export class Reloads {
  readonly #options: ReloadOptions;
  #running: Promise<void> | undefined;
  #again = false;

  readonly #watch: FileWatch;
  /** Of the log, and the number of processes, since the start. */
  readonly #format: Config['log']['format'];
  readonly #workers: Config['workers'];

  constructor(options: ReloadOptions) {
    this.#options = options;
    const { config } = options.server.snapshot;
    this.#format = config.log.format;
    this.#workers = config.workers;
    const observer = { changed: () => void this.ask(), troubled: (text: string) => this.#log('warn', [], [text]) };
    this.#watch = new FileWatch(observer, options.means);
    this.#watch.follow(options.found);
  }

  /** Has it read; while that goes on, once more afterwards, however often it is asked. Resolves when it is done. */
  ask(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Looks at no file any more, unless it is asked. */
  close(): void {
    this.#watch.close();
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#reload();
    }
    // In the same turn as the look at whether to go on, so that nobody is turned away in between.
    this.#running = undefined;
  }

  async #reload(): Promise<void> {
    const { file, env, forget, server } = this.#options;
    if (server.draining) return this.#tell('draining', [], [stopping]);
    if (this.#options.found.get(file) === notRegular) return this.#tell('failed', [], [`${file}:1:1: ${readOnce}`]);
    let loaded: LoadedConfig | undefined;
    try {
      loaded = loadConfig(file, env);
      this.#watch.follow(loaded.found);
      const { problems, sound } = prepare(loaded, server.snapshot.sound.credentials);
      forget(loaded.variables);
      if (sound === undefined) return this.#tell('failed', [], problems.map(headline));
      const { outcome, changed } = await server.replace(sound);
      const told = [...problems, ...this.#fixed(sound, loaded)].map(headline);
      this.#tell(outcome, changed, outcome === 'draining' ? [stopping] : told);
    } catch (error) {
      if (error instanceof ListenError && loaded?.config !== undefined) {
        this.#tell('failed', [], [headline(placed(error, loaded))]);
      } else {
        this.#tell('failed', [], [String(error)], error);
      }
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

  #tell(
    outcome: ReloadOutcome | 'draining',
    changed: readonly string[],
    problems: readonly string[],
    err?: unknown,
  ): void {
    if (outcome !== 'draining') this.#options.server.metrics.reload(outcome, problems);
    this.#log(outcome === 'failed' ? 'error' : 'info', changed, problems, err);
  }

  #log(level: 'info' | 'warn' | 'error', changed: readonly string[], problems: readonly string[], err?: unknown): void {
    const { logger, server } = this.#options;
    logger[level]({ generation: server.snapshot.generation, changed, problems, err }, 'reload');
  }
}

const readOnce = 'the configuration came from a pipe, and cannot be read again; name a file, and restart';
const stopping = 'the proxy is stopping; it reads no configuration any more';

function placed({ where, message }: ListenError, { config, diagnose }: LoadedConfig): Diagnostic {
  const index = config?.listen.findIndex((one) => formatListen(one) === formatListen(where)) ?? -1;
  return diagnose(index === -1 ? ['admin'] : ['listen', index], message);
}
