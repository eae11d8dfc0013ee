import { routeTo } from '../config/ad-hoc.js';
import { render } from '../config/diagnostic.js';
import { loadConfig } from '../config/load.js';
import { Mismatch } from '../config/scalars.js';
import { prepare } from '../server/snapshot.js';
import { survey } from '../tls/survey.js';
import { identityOf, nameOf } from '../upstream/ladder-settings.js';
import { labelOf, report } from './probe-report.js';
import { Progress } from './progress.js';
import { styleOf } from './table.js';
/**
 * `probe`: tries each TLS version and set of key-exchange groups separately and says what worked, what did not and why,
 * and which `versions` to pin.
 *
 * With `json` it prints one document: `target` (as given), `upstream` (`host:port`), `servername`, `node` and `openssl`
 * (versions of this runtime), `confirmed` (whether any handshake was), and the parts of a {@link Survey}: `handshakes`,
 * `versions`, `certificates` and `pin`.
 *
 * @returns the exit code: 0 if at least one handshake was confirmed, 1 if none was, 2 for a bad target or configuration
 */
export async function probe({ target, file, json }, io) {
    const route = /^[a-z0-9-]+$/.test(target) ? named(target, file, io) : ofUrl(target, io);
    if (route === undefined)
        return 2;
    const { upstream, timeouts, tls } = route;
    const identity = identityOf(route);
    const place = { hostname: upstream.hostname, port: upstream.port, identity, timeouts };
    const progress = new Progress(io.stderr);
    try {
        const found = await survey(place, tls, io.signal, (trial) => progress.show(`probing ${labelOf(trial)} …`));
        progress.clear();
        const confirmed = found.handshakes.some(({ result }) => result === 'confirmed');
        const subject = { target, upstream: nameOf(route), servername: identity.name };
        const { node, openssl } = process.versions;
        const whole = { ...subject, node, openssl, confirmed, ...found };
        io.stdout.write(json ? `${JSON.stringify(whole, null, 2)}\n` : report(whole, styleOf(io.stdout, io.env)));
        return confirmed ? 0 : 1;
    }
    catch (error) {
        if (!io.signal.aborted)
            throw error;
        io.stderr.write('mtls-proxy probe: stopped before it was done\n');
        return 1;
    }
    finally {
        progress.clear();
    }
}
/** The route of that name; undefined if there is none, which is told. */
function named(name, file, io) {
    const { problems, routes } = prepare(loadConfig(file, io.env));
    for (const problem of problems)
        io.stderr.write(`${render(problem)}\n`);
    if (routes === undefined)
        return undefined;
    const found = routes.find(([route]) => route.name === name);
    if (found !== undefined)
        return found[0];
    const names = routes.map(([route]) => route.name).join(', ');
    io.stderr.write(`mtls-proxy probe: ${file} has no route "${name}"; it has: ${names}\n`);
    return undefined;
}
/** Undefined if it is no URL to probe, which is told. */
function ofUrl(url, io) {
    try {
        return routeTo(url);
    }
    catch (error) {
        if (!(error instanceof Mismatch))
            throw error;
        const reason = error.message === '' ? '' : ` (${error.message})`;
        io.stderr.write(`mtls-proxy probe: "${url}" is neither a route's name nor a URL such as https://host:8743${reason}\n`);
        return undefined;
    }
}
//# sourceMappingURL=probe.js.map