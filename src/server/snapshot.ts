import type { Config, RouteSettings, TlsSettings } from '../config/config.ts';
import type { Diagnostic } from '../config/diagnostic.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { bySpecificity } from '../proxy/router.ts';
import { shellOf } from '../proxy/shell.ts';
import type { LiveRoute } from '../proxy/task.ts';
import { type CredentialProblem, type Credentials, loadCredentials } from '../tls/credentials.ts';
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
  /** Each route's settings with what its `tls` names; undefined if there is an error. */
  readonly routes: readonly (readonly [RouteSettings, Credentials])[] | undefined;
}

/** Loads everything a start would load, and listens on nothing. */
export function prepare(loaded: LoadedConfig): Prepared {
  const problems = [...loaded.problems];
  const routes: (readonly [RouteSettings, Credentials])[] = [];
  loaded.config?.routes.forEach((settings, index) => {
    const credentials = loadCredentials(settings.tls);
    if ('offers' in credentials) routes.push([settings, credentials]);
    else problems.push(...credentials.map((problem) => placed(problem, settings.tls, index, loaded)));
  });
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const sound = loaded.config !== undefined && problems.every(({ severity }) => severity === 'warning');
  return { problems, routes: sound ? routes : undefined };
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

function placed(problem: CredentialProblem, tls: TlsSettings, route: number, loaded: LoadedConfig): Diagnostic {
  const { key, index, message } = problem;
  const value = tls[key];
  const inList = index !== undefined && Array.isArray(value) && value.length > 1 ? [index] : [];
  return loaded.diagnose(['routes', route, 'tls', key, ...inList], message);
}
