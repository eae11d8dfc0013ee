import { writeSync } from 'node:fs';
import { type Diagnostic, render } from '../config/diagnostic.ts';
import { notRegular } from '../config/file-reader.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { version } from '../installation.ts';
import { createLog } from '../log.ts';
import { ListenError } from '../server/listen-error.ts';
import { prepare, type Sound } from '../server/prepare.ts';
import { Reloads } from '../server/reload.ts';
import { startServer } from '../server/server.ts';
import { sizeOf, workerMark } from '../workers/size.ts';
import type { Lived } from './check-live.ts';
import { tellExposure } from './exposure.ts';
import type { Hangups, Io } from './io.ts';
import { Systemd } from './systemd.ts';
import { styleOf } from './table.ts';

/**
 * `run`: the proxy in the foreground, until a signal ends it.
 *
 * @param hangups each has the configuration read again
 */
export async function run(file: string, io: Io, hangups: Hangups): Promise<number> {
  const { sound, first } = load(file, io);
  const isWorker = io.env[workerMark] !== undefined;
  if (sound === undefined) {
    if (isWorker) (await import('./workers.ts')).leave();
    return 2;
  }
  const isShared = isWorker || sizeOf(sound.config) > 1;
  if (isShared && first.found.get(file) === notRegular) {
    const remedy = 'name a file, or set `workers: 1`';
    io.stderr.write(`mtls-proxy: ${file} came from a pipe, and each of several processes has to read it; ${remedy}\n`);
    return 2;
  }
  const { level, format } = sound.config.log;
  const terminal = io.stdout.isTTY === true;
  const { colour } = styleOf(io.stdout, io.env);
  const log = await createLog({ level, format, terminal, colour, shared: isShared, lost });
  const { logger } = log;
  io.catchStray((reason) => {
    const what = reason instanceof Error ? reason.stack : String(reason);
    io.stderr.write(`mtls-proxy: a fault of this program, which goes on; please report it: nobody awaits ${what}\n`);
  });
  // Or a Unix socket would be open to others until it has its mode.
  io.keepPrivate();
  const systemd = new Systemd({ env: io.env, warn: (text) => io.stderr.write(`mtls-proxy: ${text}\n`) });
  try {
    if (isWorker) {
      const { serveAsWorker } = await import('./workers.ts');
      return (await serveAsWorker(file, sound, logger, io)) ? 0 : 1;
    }
    const server = isShared
      ? await (await import('./workers.ts')).startPrimary(sound, logger, io)
      : await startServer({ sound, logger, version: version(), alone: true });
    io.stderr.write(tellExposure(server.exposed, sound.guard));
    const reloads = new Reloads({ load: () => loadConfig(file, io.env), forget: io.forget, server, logger, first });
    hangups.each(() => void reloads.ask());
    systemd.ready(() => server.addresses);
    await io.stopped;
    systemd.stopping();
    reloads.close();
    const finished = await server.stop();
    // From here on there is no log to tell of another one.
    hangups.each(() => undefined);
    return finished ? 0 : 1;
  } catch (error) {
    const text = error instanceof ListenError ? error.message : ((error as Error).stack ?? String(error));
    io.stderr.write(`mtls-proxy: ${text}\n`);
    return 1;
  } finally {
    await systemd.close();
    await log.close();
  }
}

/** Says that the log cannot be written, unless that goes for the standard error as well, which may be the same file. */
function lost({ message }: Error): void {
  try {
    writeSync(2, `mtls-proxy: the log cannot be written (${message}); lines are lost until it can\n`);
  } catch {
    // There is nobody left to be told.
  }
}

/** What a start needs, and nothing of the file's text, which may hold secrets, for as long as it runs. */
function load(file: string, io: Io): { sound: Sound | undefined; first: Pick<LoadedConfig, 'file' | 'found'> } {
  const loaded = loadConfig(file, io.env);
  const { problems, sound } = prepare(loaded);
  io.forget(loaded.variables);
  print(problems, io);
  return { sound, first: { file, found: loaded.found } };
}

/** How {@link check} checks and tells. */
export interface CheckArgs {
  /** Whether each route also makes a connection. */
  readonly live: boolean;
  /** Whether one document is printed, of `file`, `ok`, `problems`, `routes` and, of a live one, `live`. */
  readonly json: boolean;
}

/** `check`: everything a start would load is loaded; what is wrong is printed, all at once. */
export async function check(file: string, { live, json }: CheckArgs, io: Io): Promise<number> {
  const { problems, sound } = prepare(loadConfig(file, io.env));
  const tell = (ok: boolean, lived?: readonly Lived[]): void => {
    const routes = sound?.routes.map(([{ name }]) => name) ?? [];
    const told = problems.map(({ source: _source, ...problem }) => problem);
    io.stdout.write(`${JSON.stringify({ file, ok, problems: told, routes, live: lived }, null, 2)}\n`);
  };
  if (!json) print(problems, io);
  if (sound === undefined) {
    if (json) tell(false);
    const count = problems.filter(({ severity }) => severity === 'error').length;
    io.stderr.write(`mtls-proxy check: ${count} ${count === 1 ? 'error' : 'errors'} in ${file}\n`);
    return 2;
  }
  const { routes } = sound;
  const names = routes.map(([{ name }]) => name).join(', ');
  if (!json) io.stdout.write(`${file}: ok (${routes.length} ${routes.length === 1 ? 'route' : 'routes'}: ${names})\n`);
  const lived = live ? await (await import('./check-live.ts')).checkLive(routes, io) : [];
  const ok = lived.every((each) => each.ok);
  if (json) tell(ok, live ? lived : undefined);
  else for (const each of lived) io.stdout.write(`${each.route}: ${each.ok ? 'ok' : 'failed'}: ${each.detail}\n`);
  return ok ? 0 : 1;
}

function print(problems: readonly Diagnostic[], io: Io): void {
  for (const problem of problems) io.stderr.write(`${render(problem)}\n`);
}
