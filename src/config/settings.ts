import * as v from 'valibot';
import { formatListen } from './addresses.ts';
import type { Config, ListenAddress, Match, RouteSettings, TlsSettings } from './config.ts';
import { mergeRules, resolveRules } from './field-rules.ts';
import { inheritedSockets } from './inherited.ts';
import { asList, isRead, resolveListen, resolveSecret, resolveTls, type Scope, type WrittenConfig } from './resolve.ts';
import { configSchema, defaultsSchema } from './schema.ts';
import { resolveUsers } from './users.ts';
import { resolveVia } from './via.ts';

type WrittenRoute = NonNullable<NonNullable<WrittenConfig['routes']>[number]>;

/**
 * The configuration a program takes: defaults put in, files and secrets looked up. Later wins key by key inside `tls`,
 * `pool`, `timeouts` and `rewrite`, and field by field inside `headers`: built in, `defaults`, the route. A route without
 * name, match or upstream is left out, and that is reported already.
 */
export function settle(written: WrittenConfig, scope: Scope): Config {
  const { log, limits, exposed, drain, workers, guard } = v.parse(globals, {});
  const processLimits = { ...limits, ...written.limits };
  const merge = routeMerger(written.defaults ?? {}, processLimits, scope);
  const listener = (each: Parameters<typeof resolveListen>[0]): ListenAddress[] => {
    const address = resolveListen(each, scope.folder);
    if (address === undefined) return [];
    if (!('systemd' in address)) return [address];
    const sockets = inheritedSockets(address.systemd, scope.env);
    const mayBe = { mayBeExposed: written.exposed === true, mayBeUnix: written.guard?.users === undefined };
    return [{ ...address, inherited: { ...sockets, ...mayBe } }];
  };
  const [admin] = listener(written.admin);
  return {
    listen: asList(written.listen).flatMap(listener),
    exposed: written.exposed ?? exposed,
    guard: { hosts: guard.hosts, origins: guard.origins, ...settleGuard(written.guard, scope) },
    ...(admin !== undefined && { admin }),
    log: { ...log, ...written.log },
    limits: processLimits,
    drain: written.drain ?? drain,
    workers: written.workers ?? workers,
    routes: (written.routes ?? []).flatMap((route, index) => (route === undefined ? [] : merge(route, index))),
  };
}

/** What is written of the guard, with its secret read. */
function settleGuard(written: WrittenConfig['guard'], scope: Scope): Partial<Config['guard']> {
  const { hosts, origins, token, users } = written ?? {};
  const secret = token === undefined ? undefined : resolveSecret(token, ['guard', 'token'], scope);
  return {
    ...(hosts !== undefined && { hosts: hosts.filter(isRead) }),
    ...(origins !== undefined && { origins: origins.filter(isRead) }),
    ...(secret !== undefined && { token: secret }),
    ...(users !== undefined && { users: resolveUsers(users, ['guard', 'users'], scope) }),
  };
}

const globals = v.omit(configSchema, ['listen', 'admin', 'defaults', 'routes']);

function routeMerger(defaults: NonNullable<WrittenConfig['defaults']>, limits: Config['limits'], scope: Scope) {
  const builtIn = v.parse(defaultsSchema, {});
  // Complete: every key that TlsSettings demands has a default in the schema.
  const builtInTls = resolveTls(builtIn.tls, [], scope) as TlsSettings;
  const defaultTls = resolveTls(defaults.tls ?? {}, ['defaults', 'tls'], scope);
  const defaultRules = resolveRules(defaults.headers, ['defaults', 'headers'], scope);
  const defaultVia = resolveVia(defaults.via, ['defaults', 'via'], scope);
  return (route: WrittenRoute, index: number): RouteSettings[] => {
    const tls = resolveTls(route.tls ?? {}, ['routes', index, 'tls'], scope);
    const rules = resolveRules(route.headers, ['routes', index, 'headers'], scope);
    const via = resolveVia(route.via, ['routes', index, 'via'], scope) ?? defaultVia ?? 'none';
    const { name, match, upstream } = route;
    if (name === undefined || match === undefined || upstream === undefined) return [];
    return [
      {
        name,
        match: settleMatch(match, scope.folder),
        upstream,
        stripPath: route.stripPath ?? defaults.stripPath ?? builtIn.stripPath,
        tls: { ...builtInTls, ...withoutReplaced(defaultTls, tls), ...tls },
        pool: { ...builtIn.pool, ...defaults.pool, ...route.pool },
        replay: route.replay ?? defaults.replay ?? builtIn.replay,
        timeouts: { ...builtIn.timeouts, ...defaults.timeouts, ...route.timeouts },
        limits: { body: route.limits?.body ?? defaults.limits?.body ?? limits.body },
        headers: mergeRules(defaultRules, rules),
        host: route.host ?? defaults.host ?? builtIn.host,
        rewrite: { ...builtIn.rewrite, ...defaults.rewrite, ...route.rewrite },
        ...(via !== 'none' && { via }),
      },
    ];
  };
}

/** The keys of which a route has one group; what it says itself replaces another group of `defaults`. */
export const alternatives = [
  [['cert', 'key'], ['pfx'], ['keystore']],
  [['ca'], ['truststore']],
] as const satisfies readonly (readonly (readonly (keyof TlsSettings)[])[])[];

function withoutReplaced(defaults: Partial<TlsSettings>, own: Partial<TlsSettings>): Partial<TlsSettings> {
  const replaced = alternatives.flatMap((groups) => {
    const isOwn = (group: readonly (keyof TlsSettings)[]) => group.some((key) => own[key] !== undefined);
    return groups.some(isOwn) ? groups.filter((group) => !isOwn(group)).flat() : [];
  });
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !replaced.some((each) => each === key)));
}

/** The match with its listener in the spelling of {@link formatListen}. */
export function settleMatch({ listen, ...rest }: NonNullable<WrittenRoute['match']>, folder: string): Match {
  const address = resolveListen(listen, folder);
  return address === undefined ? rest : { ...rest, listen: formatListen(address) };
}
