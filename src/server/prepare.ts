import type { Config, RouteSettings } from '../config/config.ts';
import { byPlace, type Diagnostic } from '../config/diagnostic.ts';
import type { LoadedConfig } from '../config/load.ts';
import { withoutPasswords } from '../config/passwords.ts';
import type { GuardSettings } from '../proxy/guard.ts';
import type { CredentialProblem } from '../tls/credential-problem.ts';
import { type Credentials, loadCredentials } from '../tls/credentials.ts';
import { digestOfSettings } from './digest.ts';
import { guardOf } from './guard-settings.ts';

/** Credentials by the digest of the settings and files that they were made of. */
export type KnownCredentials = ReadonlyMap<string, Credentials>;

/** A configuration that may run: its credentials are read and proven, and nothing of it runs yet. */
export interface Sound {
  /** Without what opens keys and stores, and without the guard's token. */
  readonly config: Config;
  readonly guard: GuardSettings;
  /** Each route's settings with what its `tls` names, in the order of the configuration. */
  readonly routes: readonly (readonly [RouteSettings, Credentials])[];
  /** By name, what tells a route from what it was: its settings with all secrets, and the contents of its files. */
  readonly routeDigests: ReadonlyMap<string, string>;
  /** The same of each key of the process that may change while it runs. */
  readonly keyDigests: ReadonlyMap<string, string>;
  /** For the next {@link prepare}. */
  readonly credentials: KnownCredentials;
}

/** What became of a configuration before anything of it runs. */
export interface Prepared {
  /** Errors and warnings, in the order of the configuration. */
  readonly problems: readonly Diagnostic[];
  /** Undefined if there is an error. */
  readonly sound: Sound | undefined;
}

/** Of the process, and neither routes nor listeners. */
const processKeys = ['exposed', 'guard', 'log', 'limits', 'drain'] as const;

/**
 * Loads everything a start would load, and listens on nothing.
 *
 * @param known credentials of before: what did not change is not proven again, and not warned of again
 */
export function prepare(loaded: LoadedConfig, known: KnownCredentials = new Map()): Prepared {
  const problems = new Map<string, Diagnostic>();
  const add = (each: Diagnostic) => problems.set(`${each.line}:${each.column}:${each.message}`, each);
  for (const problem of loaded.problems) add(problem);
  const all = new Map<string, Credentials>();
  const routes: (readonly [RouteSettings, Credentials])[] = [];
  for (const [index, settings] of (loaded.config?.routes ?? []).entries()) {
    const digest = digestOfSettings(settings.tls, loaded.found);
    const before = known.get(digest);
    const credentials = before ?? all.get(digest) ?? loadCredentials(settings.tls, { read: loaded.read });
    if ('offers' in credentials) {
      all.set(digest, credentials);
      routes.push([withoutPasswords(settings), credentials]);
    }
    if (before !== undefined) continue;
    const found = 'offers' in credentials ? credentials.warnings : credentials;
    // Of what stands in `defaults` every route has the same to say.
    for (const problem of found) add(placed(problem, index, loaded));
  }
  const sorted = [...problems.values()].sort(byPlace);
  const { config } = loaded;
  if (config === undefined || sorted.some(({ severity }) => severity === 'error')) {
    return { problems: sorted, sound: undefined };
  }
  const { token: _token, ...guard } = config.guard;
  const sound: Sound = {
    config: { ...config, guard, routes: routes.map(([settings]) => settings) },
    guard: guardOf(config),
    routes,
    routeDigests: new Map(config.routes.map((route) => [route.name, digestOfSettings(route, loaded.found)])),
    keyDigests: new Map(processKeys.map((key) => [key, digestOfSettings(config[key], loaded.found)])),
    credentials: all,
  };
  return { problems: sorted, sound };
}

function placed(
  { key, within, severity, message }: CredentialProblem,
  route: number,
  loaded: LoadedConfig,
): Diagnostic {
  return loaded.diagnose(['routes', route, 'tls', key, ...(within === undefined ? [] : [within])], message, severity);
}
