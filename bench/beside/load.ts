import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What wrk does to a proxy. */
export interface Load {
  readonly clients: number;
  readonly path: string;
  /** Default GET. */
  readonly method?: string;
  /** Bytes of the request's body; default none. */
  readonly body?: number;
  readonly fields?: Readonly<Record<string, string>>;
  /** Paths that take turns, instead of `path`. */
  readonly paths?: readonly string[];
}

/** What a turn of wrk came to. */
export interface Outcome {
  readonly requests: number;
  readonly seconds: number;
  /** Bytes of the responses, heads included. */
  readonly bytes: number;
  /** Latencies, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Sends requests by one thread of wrk for so many seconds.
 *
 * @param core the core it stays on; undefined: any
 * @throws if a response was no 2xx or 3xx, a connection failed, or no request ended
 */
export async function put(load: Load, url: string, seconds: number, core: number | undefined): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-wrk-'));
  try {
    const script = join(folder, 'load.lua');
    await writeFile(script, scriptOf(load));
    // A body of 100 MiB may take its time; wrk's default of 2 s would count it as an error.
    const args = ['-t1', `-c${load.clients}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url + load.path];
    const { stdout } = await onCore(core, 'wrk', args);
    return read(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a program on one core. */
export function onCore(core: number | undefined, command: string, args: readonly string[]) {
  const [name, ...rest] = pinned(core, command, args);
  return execute(name as string, rest, { maxBuffer: 16 * 1024 * 1024 });
}

/** The command line that keeps a program on one core. */
export function pinned(core: number | undefined, command: string, args: readonly string[]): readonly string[] {
  return core === undefined ? [command, ...args] : ['taskset', '-c', String(core), command, ...args];
}

function read(stdout: string): Outcome {
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk gave no result:\n${stdout}`);
  const { errors, ...outcome } = JSON.parse(line) as Outcome & { errors: string };
  if (errors !== '0 0 0 0 0' || outcome.requests === 0) {
    throw new Error(`connect, read, write, status, timeout errors: ${errors}\n${stdout}`);
  }
  return outcome;
}

function scriptOf({ method = 'GET', body = 0, fields = {}, paths = [] }: Load): string {
  const lines = [`wrk.method = "${method}"`];
  if (body > 0) lines.push(`wrk.body = string.rep("0123456789abcdef", ${Math.ceil(body / 16)}):sub(1, ${body})`);
  for (const [name, value] of Object.entries(fields)) lines.push(`wrk.headers["${name}"] = "${value}"`);
  if (paths.length > 0) {
    lines.push(`local paths = { ${paths.map((path) => `"${path}"`).join(', ')} }`);
    lines.push('local turn = 0');
    lines.push('request = function() turn = turn % #paths + 1; return wrk.format(nil, paths[turn]) end');
  }
  return `${lines.join('\n')}
done = function(summary, latency)
  local e = summary.errors
  print(string.format('RESULT {"requests":%d,"seconds":%f,"bytes":%d,"p50":%f,"p99":%f,"errors":"%d %d %d %d %d"}',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect, e.read, e.write, e.status, e.timeout))
end
`;
}
