import { formatListen, isLoopback } from './addresses.js';
import { asList, resolveListen } from './resolve.js';
import { settleMatch } from './settings.js';
/** Reports what no single value shows: addresses, names, routes that tie, settings that need each other. */
export function checkRules(written, scope) {
    checkAddresses(written, scope);
    checkNames(written, scope);
    checkMatches(written, scope);
    for (const index of (written.routes ?? []).keys())
        checkTls(written, index, scope);
}
function addresses({ listen, admin }, folder) {
    const listeners = asList(listen).map((each, index) => ({
        address: resolveListen(each, folder),
        path: ['listen', index],
    }));
    return [...listeners, { address: resolveListen(admin, folder), path: ['admin'] }].filter((each) => each.address !== undefined);
}
function checkAddresses(written, { folder, problem, written: treeAt }) {
    const mayBeExposed = written.exposed ?? treeAt(['exposed']) !== undefined;
    const seen = new Set();
    for (const { address, path } of addresses(written, folder)) {
        const name = formatListen(address);
        if (seen.has(name) && !('port' in address && address.port === 0))
            problem(path, `${name} is listened on already`);
        seen.add(name);
        if (mayBeExposed || isLoopback(address))
            continue;
        problem(path, `${name} is no loopback address: whoever reaches it could use your client certificate; write 127.0.0.1, or "exposed: true" if that is meant`, 'absence');
    }
}
function checkNames({ routes = [] }, { problem, lineOf }) {
    const first = new Map();
    for (const [index, route] of routes.entries()) {
        if (route?.name === undefined)
            continue;
        const other = first.get(route.name);
        if (other === undefined)
            first.set(route.name, index);
        else
            problem(['routes', index, 'name'], `the route on line ${lineOf(['routes', other])} has the name "${route.name}" already`);
    }
}
function checkMatches({ listen, routes = [] }, scope) {
    const { folder, problem, lineOf, written: treeAt } = scope;
    const listeners = asList(listen).map((each) => resolveListen(each, folder));
    const names = listeners.flatMap((address) => (address === undefined ? [] : formatListen(address)));
    const first = new Map();
    for (const [index, route] of routes.entries()) {
        const path = ['routes', index, 'match'];
        const tree = treeAt(path);
        if (route?.match === undefined || tree === undefined)
            continue;
        const keys = tree.kind === 'map' ? tree.entries.length : 0;
        if (keys === 0)
            problem(path, '"match" needs at least one of path, host and listen', 'absence');
        const match = settleMatch(route.match, folder);
        if (match.listen !== undefined && names.length === listeners.length && !names.includes(match.listen)) {
            problem([...path, 'listen'], `"listen" does not name this address; it names ${names.join(', ') || 'none'}`);
        }
        if (keys === 0 || Object.keys(match).length !== keys)
            continue;
        const requests = JSON.stringify([match.path ?? '/', match.host, match.listen]);
        const other = first.get(requests);
        if (other === undefined)
            first.set(requests, index);
        else
            problem(path, `the route on line ${lineOf(['routes', other])} matches the same requests; give one another path, host or listen`);
    }
}
function checkTls({ defaults, routes = [] }, index, { problem, written: treeAt }) {
    const at = (key) => ['routes', index, 'tls', key];
    const [cert, key, pins] = [treeAt(at('cert')), treeAt(at('key')), treeAt(at('pins'))];
    if (cert !== undefined && key === undefined)
        problem(at('cert'), 'a client certificate needs its private key: "key"', 'absence');
    if (key !== undefined && cert === undefined)
        problem(at('key'), 'a private key needs its client certificate: "cert"', 'absence');
    const verify = routes[index]?.tls?.verifyHostname ?? defaults?.tls?.verifyHostname;
    if (verify === false && (pins?.kind !== 'list' || pins.items.length === 0)) {
        problem(at('verifyHostname'), 'without the name, "pins" must say which server is meant', 'absence');
    }
}
//# sourceMappingURL=rules.js.map