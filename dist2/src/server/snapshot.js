import { bySpecificity } from '../proxy/router.js';
import { shellOf } from '../proxy/shell.js';
import { loadCredentials } from '../tls/credentials.js';
import { Upstream } from '../upstream/upstream.js';
/** Loads everything a start would load, and listens on nothing. */
export function prepare(loaded) {
    const problems = [...loaded.problems];
    const routes = [];
    loaded.config?.routes.forEach((settings, index) => {
        const credentials = loadCredentials(settings.tls);
        if ('offers' in credentials)
            routes.push([settings, credentials]);
        else
            problems.push(...credentials.map((problem) => placed(problem, settings.tls, index, loaded)));
    });
    problems.sort((a, b) => a.line - b.line || a.column - b.column);
    const sound = loaded.config !== undefined && problems.every(({ severity }) => severity === 'warning');
    return { problems, routes: sound ? routes : undefined };
}
/** Brings prepared routes to life. */
export function takeSnapshot(config, prepared, logger) {
    const routes = prepared.map(([settings, credentials]) => liveRoute(settings, new Upstream(settings, credentials, logger)));
    return { config, routes: bySpecificity(routes) };
}
function liveRoute(settings, upstream) {
    const { authority, path } = settings.upstream;
    return { settings, upstream, forward: shellOf(`https://${authority}${path}`) };
}
function placed(problem, tls, route, loaded) {
    const { key, index, message } = problem;
    const value = tls[key];
    const inList = index !== undefined && Array.isArray(value) && value.length > 1 ? [index] : [];
    return loaded.diagnose(['routes', route, 'tls', key, ...inList], message);
}
//# sourceMappingURL=snapshot.js.map