import { ProxyError } from '../errors.js';
import { explain } from '../tls/explain.js';
import { Ladder } from '../tls/ladder.js';
import { daysLeft } from '../tls/server-certificate.js';
import { ladderSettings } from '../upstream/ladder-settings.js';
/**
 * `check --live`: one connection for each route, made as a request would make it, and closed when the server has
 * accepted it. Prints a line each.
 *
 * @returns whether all went well
 */
export async function checkLive(routes, io) {
    // All at once, for each has time-outs of its own; told in the order of the configuration.
    const tried = routes.map(([route, credentials]) => tryRoute(route, credentials, io.signal));
    let good = true;
    for (const [index, [{ name }]] of routes.entries()) {
        const error = await tried[index];
        good &&= !(error instanceof ProxyError);
        io.stdout.write(`${name}: ${error instanceof ProxyError ? `failed: ${error.message}` : error}\n`);
    }
    return good;
}
/** What was negotiated, or why nothing was. */
async function tryRoute(route, credentials, signal) {
    const ladder = new Ladder(ladderSettings(route, credentials), silent);
    try {
        const connection = await ladder.connect(signal);
        await new Promise((resolve) => connection.whenDecided(resolve));
        const { refusal, attempts } = connection;
        if (refusal !== undefined)
            return explain(refusal, attempts, route.upstream);
        const told = tell(connection);
        connection.socket.destroySoon();
        return told;
    }
    catch (error) {
        if (error instanceof ProxyError)
            return error;
        if (signal.aborted)
            return new ProxyError('internal', 'stopped before it was done', { source: 'internal' });
        throw error;
    }
    finally {
        ladder.retire();
    }
}
function tell({ negotiated, attempts, socket }) {
    const { protocol, cipher } = negotiated;
    const tried = attempts.map(({ offer, outcome }) => `${offer} ${outcome}`).join(', ');
    const days = daysLeft(socket.getPeerCertificate().valid_to);
    const left = `${days} ${days === 1 ? 'day' : 'days'} left`;
    return `ok: ${protocol}, ${cipher} (${tried}); server certificate: ${left}`;
}
const silent = {
    handshake: () => undefined,
    fallback: () => undefined,
    recovered: () => undefined,
    downgrade: () => undefined,
};
//# sourceMappingURL=check-live.js.map