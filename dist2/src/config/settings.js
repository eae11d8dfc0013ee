import * as v from 'valibot';
import { formatListen } from './addresses.js';
import { asList, resolveListen, resolveTls } from './resolve.js';
import { configSchema, defaultsSchema } from './schema.js';
/**
 * The configuration a program takes: defaults put in, files and secrets looked up. Later wins key by key inside `tls`,
 * `pool` and `timeouts`: built in, `defaults`, the route. A route without name, match or upstream is left out, and that
 * is reported already.
 */
export function settle(written, scope) {
    const { log, limits, exposed, drain } = v.parse(globals, {});
    const merge = routeMerger(written.defaults ?? {}, scope);
    const admin = resolveListen(written.admin, scope.folder);
    return {
        listen: asList(written.listen).flatMap((each) => resolveListen(each, scope.folder) ?? []),
        exposed: written.exposed ?? exposed,
        ...(admin !== undefined && { admin }),
        log: { ...log, ...written.log },
        limits: { ...limits, ...written.limits },
        drain: written.drain ?? drain,
        routes: (written.routes ?? []).flatMap((route, index) => (route === undefined ? [] : merge(route, index))),
    };
}
const globals = v.omit(configSchema, ['listen', 'admin', 'defaults', 'routes']);
function routeMerger(defaults, scope) {
    const builtIn = v.parse(defaultsSchema, {});
    // Complete: every key that TlsSettings demands has a default in the schema.
    const builtInTls = resolveTls(builtIn.tls, [], scope);
    const defaultTls = resolveTls(defaults.tls ?? {}, ['defaults', 'tls'], scope);
    return (route, index) => {
        const tls = resolveTls(route.tls ?? {}, ['routes', index, 'tls'], scope);
        const { name, match, upstream } = route;
        if (name === undefined || match === undefined || upstream === undefined)
            return [];
        return [
            {
                name,
                match: settleMatch(match, scope.folder),
                upstream,
                stripPath: route.stripPath ?? defaults.stripPath ?? builtIn.stripPath,
                tls: { ...builtInTls, ...defaultTls, ...tls },
                pool: { ...builtIn.pool, ...defaults.pool, ...route.pool },
                replay: route.replay ?? defaults.replay ?? builtIn.replay,
                timeouts: { ...builtIn.timeouts, ...defaults.timeouts, ...route.timeouts },
                host: route.host ?? defaults.host ?? builtIn.host,
            },
        ];
    };
}
/** The match with its listener in the spelling of {@link formatListen}. */
export function settleMatch({ listen, ...rest }, folder) {
    const address = resolveListen(listen, folder);
    return address === undefined ? rest : { ...rest, listen: formatListen(address) };
}
//# sourceMappingURL=settings.js.map