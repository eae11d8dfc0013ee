import type { Config, RouteSettings } from '../config/config.ts';
import { byPlace, type Diagnostic } from '../config/diagnostic.ts';
import type { LoadedConfig } from '../config/load.ts';
import { withoutPasswords } from '../config/passwords.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { bySpecificity } from '../proxy/router.ts';
import { shellOf } from '../proxy/shell.ts';
import type { LiveRoute } from '../proxy/task.ts';
import type { CredentialProblem } from '../tls/credential-problem.ts';
import { type Credentials, loadCredentials } from '../tls/credentials.ts';
import { Upstream } from '../upstream/upstream.ts';

/** An immutable running configuration: what a request takes once and keeps to its end. */
export interface Snapshot {
  readonly config: Config;
  /** Ordered by specificity. */
  readonly routes: readonly LiveRoute[];
}

/** A configuration whose credentials are read and proven, before anything of it runs. */
export interface Prepared {
  /** Errors and warnings, in the order of the configuration; with an error there is nothing to start. */
  readonly problems: readonly Diagnostic[];
  /** Without what opens keys and stores; undefined if there is an error. */
  readonly config: Config | undefined;
  /** Each route's settings with what its `tls` names; undefined if there is an error. */
  readonly routes: readonly (readonly [RouteSettings, Credentials])[] | undefined;
}

/** Loads everything a start would load, and listens on nothing. */
export function prepare(loaded: LoadedConfig): Prepared {
  const problems = new Map<string, Diagnostic>();
  const add = (each: Diagnostic) => problems.set(`${each.line}:${each.column}:${each.message}`, each);
  for (const problem of loaded.problems) add(problem);
  const routes: (readonly [RouteSettings, Credentials])[] = [];
  for (const [index, settings] of (loaded.config?.routes ?? []).entries()) {
    const credentials = loadCredentials(settings.tls);
    if ('offers' in credentials) routes.push([withoutPasswords(settings), credentials]);
    const found = 'offers' in credentials ? credentials.warnings : credentials;
    // Of what stands in `defaults` every route has the same to say.
    for (const problem of found) add(placed(problem, index, loaded));
  }
  const all = [...problems.values()].sort(byPlace);
  if (loaded.config === undefined || all.some(({ severity }) => severity === 'error')) {
    return { problems: all, config: undefined, routes: undefined };
  }
  return { problems: all, config: { ...loaded.config, routes: routes.map(([settings]) => settings) }, routes };
}

/** Brings prepared routes to life. */
export function takeSnapshot(
  config: Config,
  prepared: NonNullable<Prepared['routes']>,
  logger: Logger,
  metrics: Metrics,
): Snapshot {
  const routes = prepared.map(([settings, credentials]) =>
    liveRoute(settings, new Upstream(settings, credentials, logger, metrics)),
  );
  return { config, routes: bySpecificity(routes) };
}

function liveRoute(settings: RouteSettings, upstream: Upstream): LiveRoute {
  const { authority, path } = settings.upstream;
  return { settings, upstream, forward: shellOf(`https://${authority}${path}`) };
}

function placed(
  { key, within, severity, message }: CredentialProblem,
  route: number,
  loaded: LoadedConfig,
): Diagnostic {
  return loaded.diagnose(['routes', route, 'tls', key, ...(within === undefined ? [] : [within])], message, severity);
}
