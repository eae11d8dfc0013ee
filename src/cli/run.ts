import { type Diagnostic, render } from '../config/diagnostic.ts';
import { loadConfig } from '../config/load.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { startServer } from '../server/server.ts';
import { prepare } from '../server/snapshot.ts';
import type { Io } from './io.ts';

/** `run`: the proxy in the foreground, until a signal ends it. */
export async function run(file: string, io: Io): Promise<number> {
  const ready = load(file, io);
  if (ready === undefined) return 2;
  const { config, prepared } = ready;
  const { level, format } = config.log;
  const log = await createLog({ level, format, terminal: io.stdout.isTTY === true });
  try {
    const metrics = config.admin === undefined ? {} : { metrics: await createMetrics() };
    const server = await startServer({ config, prepared, logger: log.logger, ...metrics });
    await io.stopped;
    return (await server.stop()) ? 0 : 1;
  } catch (error) {
    io.stderr.write(`mtls-proxy: ${listenFailure(error as NodeJS.ErrnoException)}\n`);
    return 1;
  } finally {
    await log.close();
  }
}

/** What a start needs, and nothing of the file's text, which may hold secrets, for as long as it runs. */
function load(file: string, io: Io) {
  const loaded = loadConfig(file, io.env);
  const { problems, config, routes } = prepare(loaded);
  io.forget(loaded.variables);
  print(problems, io);
  return config === undefined || routes === undefined ? undefined : { config, prepared: routes };
}

/**
 * `check`: everything a start would load is loaded; what is wrong is printed, all at once.
 *
 * @param live whether each route also makes a connection
 */
export async function check(file: string, live: boolean, io: Io): Promise<number> {
  const { problems, routes } = prepare(loadConfig(file, io.env));
  print(problems, io);
  if (routes === undefined) {
    const count = problems.filter(({ severity }) => severity === 'error').length;
    io.stderr.write(`mtls-proxy check: ${count} ${count === 1 ? 'error' : 'errors'} in ${file}\n`);
    return 2;
  }
  const names = routes.map(([{ name }]) => name).join(', ');
  io.stdout.write(`${file}: ok (${routes.length} ${routes.length === 1 ? 'route' : 'routes'}: ${names})\n`);
  if (!live) return 0;
  const { checkLive } = await import('./check-live.ts');
  return (await checkLive(routes, io)) ? 0 : 1;
}

function print(problems: readonly Diagnostic[], io: Io): void {
  for (const problem of problems) io.stderr.write(`${render(problem)}\n`);
}

/** With what Node's permission model adds: what was asked of it. */
type ListenError = NodeJS.ErrnoException & { address?: string; port?: number; permission?: string; resource?: string };

function listenFailure(error: ListenError): string {
  const where = error.port === undefined ? (error.address ?? '') : `${error.address}:${error.port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program; stop it, or change \`listen\``;
    case 'ENOTSOCK':
      return `${where} is no socket; remove it, or change \`listen\``;
    case 'ENAMETOOLONG':
      return `${where} is too long for a socket, whose path has 107 bytes at most; change \`listen\``;
    case 'EACCES':
      return `this user may not listen on ${where}; use a port above 1023, or change \`listen\``;
    case 'ERR_ACCESS_DENIED':
      return `Node's permission model forbids ${error.permission} of ${error.resource}; a socket's path needs both --allow-fs-read and --allow-fs-write`;
    case 'EADDRNOTAVAIL':
      return `${where} is not an address of this machine; change \`listen\``;
    default:
      return error.stack ?? String(error);
  }
}
