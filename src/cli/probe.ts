import { routeTo } from '../config/ad-hoc.ts';
import { formatListen } from '../config/addresses.ts';
import type { RouteSettings } from '../config/config.ts';
import { render } from '../config/diagnostic.ts';
import { loadConfig } from '../config/load.ts';
import { Mismatch } from '../config/scalars.ts';
import { prepare } from '../server/prepare.ts';
import { survey } from '../tls/survey.ts';
import { identityOf, nameOf } from '../upstream/ladder-settings.ts';
import type { Io } from './io.ts';
import { labelOf, report } from './probe-report.ts';
import { Progress } from './progress.ts';
import { styleOf } from './table.ts';

export interface ProbeArgs {
  /** A route's name, or `https://host[:port]`. */
  readonly target: string;
  /** The configuration that has the route; not read for a URL. */
  readonly file: string;
  readonly json: boolean;
}

/**
 * `probe`: tries each TLS version and set of key-exchange groups separately and says what worked, what did not and why,
 * and which `versions` to pin.
 *
 * With `json` it prints one document: `target` (as given), `upstream` (`host:port`), `via` (the same of the
 * CONNECT proxy, if there is one), `servername`, `node` and `openssl`
 * (versions of this runtime), `confirmed` (whether any handshake was), and the parts of a {@link Survey}: `handshakes`,
 * `versions`, `certificates` and `pin`.
 *
 * @returns the exit code: 0 if at least one handshake was confirmed, 1 if none was, 2 for a bad target or configuration
 */
export async function probe({ target, file, json }: ProbeArgs, io: Io): Promise<number> {
  const route = /^[a-z0-9-]+$/.test(target) ? named(target, file, io) : ofUrl(target, io);
  if (route === undefined) return 2;
  const { upstream, timeouts, tls, via } = route;
  const identity = identityOf(route);
  const place = { hostname: upstream.hostname, port: upstream.port, via, identity, timeouts };
  const progress = new Progress(io.stderr);
  try {
    const found = await survey(place, tls, io.signal, (trial) => progress.show(`probing ${labelOf(trial)} …`));
    progress.clear();
    const confirmed = found.handshakes.some(({ result }) => result === 'confirmed');
    const through = via === undefined ? {} : { via: formatListen({ host: via.hostname, port: via.port }) };
    const subject = { target, upstream: nameOf(route), ...through, servername: identity.name };
    const { node, openssl } = process.versions;
    const whole = { ...subject, node, openssl, confirmed, ...found };
    io.stdout.write(json ? `${JSON.stringify(whole, null, 2)}\n` : report(whole, styleOf(io.stdout, io.env)));
    return confirmed ? 0 : 1;
  } catch (error) {
    if (!io.signal.aborted) throw error;
    io.stderr.write('mtls-proxy probe: stopped before it was done\n');
    return 1;
  } finally {
    progress.clear();
  }
}

/** The route of that name; undefined if there is none, which is told. */
function named(name: string, file: string, io: Io): RouteSettings | undefined {
  const loaded = loadConfig(file, io.env);
  const { problems, sound } = prepare(loaded);
  for (const problem of problems) io.stderr.write(`${render(problem)}\n`);
  if (sound === undefined) return undefined;
  // Not of what was prepared: the survey reads keys and stores again, and needs what opens them.
  const found = loaded.config?.routes.find((route) => route.name === name);
  if (found !== undefined) return found;
  const names = sound.routes.map(([route]) => route.name).join(', ');
  io.stderr.write(`mtls-proxy probe: ${file} has no route "${name}"; it has: ${names}\n`);
  return undefined;
}

/** Undefined if it is no URL to probe, which is told. */
function ofUrl(url: string, io: Io): RouteSettings | undefined {
  try {
    return routeTo(url);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const reason = error.message === '' ? '' : ` (${error.message})`;
    io.stderr.write(
      `mtls-proxy probe: "${url}" is neither a route's name nor a URL such as https://host:8743${reason}\n`,
    );
    return undefined;
  }
}
