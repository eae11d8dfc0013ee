import type { Attempt } from '../errors.ts';
import { type Fallback, inOrder } from './outcome.ts';

/** The fields of the proxy's log lines that the demo reads. */
export interface LogLine extends Fallback {
  readonly msg?: string;
  readonly route?: string;
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly protocol?: string;
  readonly cause?: string;
  readonly reused?: boolean;
  readonly ms?: number;
  /** The attempts themselves in a `handshake` line, their number in a `request` line. */
  readonly attempts?: readonly Attempt[] | number;
}

/** Lines; more than the table needs, and an end to what a demo left running would hold. */
const kept = 1000;

/** Takes the proxy's log, keeps its last lines and tells whoever waits for one. */
export class Journal {
  readonly lines: LogLine[] = [];
  readonly #watchers = new Set<(line: LogLine) => void>();

  /** Takes one JSON line, or several; what is no JSON object is left out. */
  write(text: string): void {
    for (const part of text.split('\n')) {
      const line = parseObject(part);
      if (line === undefined) continue;
      this.lines.push(line);
      if (this.lines.length > kept) this.lines.shift();
      for (const watch of [...this.#watchers]) watch(line);
    }
  }

  /** Calls `watch` with every line from now on. @returns a function that ends it */
  follow(watch: (line: LogLine) => void): () => void {
    this.#watchers.add(watch);
    return () => this.#watchers.delete(watch);
  }

  /** The first line that `matches`, already written or to come; undefined once `signal` aborts. */
  find(matches: (line: LogLine) => boolean, signal: AbortSignal): Promise<LogLine | undefined> {
    const there = this.lines.find(matches);
    if (there !== undefined || signal.aborted) return Promise.resolve(there);
    return new Promise((resolve) => {
      const settle = (line?: LogLine): void => {
        stop();
        signal.removeEventListener('abort', giveUp);
        resolve(line);
      };
      const giveUp = (): void => settle();
      const stop = this.follow((line) => {
        if (matches(line)) settle(line);
      });
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}

/** A log line in a few words, or undefined for lines that tell a reader of the demo nothing. */
export function inWords(line: LogLine): string | undefined {
  const words = (...parts: (string | number | undefined | false)[]): string =>
    parts.filter((part) => part !== undefined && part !== false).join(' ');
  switch (line.msg) {
    case 'handshake':
      return words('handshake', line.route, typeof line.attempts === 'object' && inOrder(line.attempts));
    case 'fallback':
      return words('fallback ', line.route, line.from, line.outcome, '→', line.to);
    case 'recovered':
      return words('recovered', line.route, line.protocol);
    case 'request':
      return words(
        'request  ',
        line.route,
        line.method,
        line.path,
        line.status,
        line.protocol,
        line.cause,
        line.reused === true && 'reused',
        line.ms !== undefined && `${line.ms} ms`,
      );
    default:
      return undefined;
  }
}

/** The JSON object that `text` is, or undefined. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
