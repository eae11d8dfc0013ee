import { formatListen } from '../config/addresses.ts';
import { render } from '../config/diagnostic.ts';
import { loadConfig } from '../config/load.ts';
import type { Io } from './io.ts';
import { askHealth, knock } from './knock.ts';

/** Milliseconds that an answer may take. */
const patience = 5000;

/**
 * `healthcheck`: asks a proxy that runs with this configuration, on this machine, whether it is alive: its admin listener for
 * `/healthz`, or, where there is none, whether its first listener takes a connection. For containers, which need no other
 * client then. What is wrong elsewhere in the file is not its matter: a proxy goes on with what it had.
 *
 * @returns the exit code: 0 alive, 1 not, 2 if the configuration does not say where to ask
 */
export async function healthcheck(file: string, io: Io): Promise<number> {
  const { reach, problems } = loadConfig(file, io.env);
  const where = reach?.admin ?? reach?.listen[0];
  if (where === undefined) {
    for (const problem of problems) io.stderr.write(`${render(problem)}\n`);
    io.stderr.write(`mtls-proxy healthcheck: ${file} does not say where to ask\n`);
    return 2;
  }
  if ('systemd' in where) {
    io.stderr.write('mtls-proxy healthcheck: only systemd knows what it listens on there; give `admin` an address\n');
    return 2;
  }
  if (!('unix' in where) && where.port === 0) {
    const key = reach?.admin === undefined ? 'listen' : 'admin';
    io.stderr.write(`mtls-proxy healthcheck: with port 0 nobody knows where to ask; give \`${key}\` a port\n`);
    return 2;
  }
  try {
    await (reach?.admin === undefined ? knock(where, patience) : askHealth(where, reach.guard.token, patience));
    io.stdout.write(`${formatListen(where)} is alive\n`);
    return 0;
  } catch (error) {
    io.stderr.write(`mtls-proxy healthcheck: ${(error as Error).message}\n`);
    return 1;
  }
}
