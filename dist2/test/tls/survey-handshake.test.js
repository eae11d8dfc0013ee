import t from 'tap';
import { routeTo } from '../../src/config/ad-hoc.js';
import { observe } from '../../src/tls/survey-handshake.js';
import { proposalsOf } from '../../src/tls/survey-plan.js';
import { startFront } from '../fixtures/front.js';
import { makePki, writePki } from '../fixtures/pki.js';
import { startUpstream } from '../fixtures/upstreams.js';
const pki = await makePki();
const directory = t.testdir({});
await writePki(directory, pki);
const identity = { cert: pki.server.chain, key: pki.server.key };
const never = new AbortController().signal;
const timeouts = { connect: 20_000, handshake: 20_000 };
const trusting = { ...routeTo('https://localhost').tls, ca: [`${directory}/ca.pem`] };
const settings = { ...trusting, cert: `${directory}/client.crt`, key: `${directory}/client.key` };
/** One handshake of TLS 1.3 through a front, once its connection is gone. */
async function seen(t, action, tls, server = {}) {
    const up = await startUpstream(t, { ...identity, ...server });
    const front = await startFront(t, { to: up, decide: () => action });
    const place = {
        hostname: '127.0.0.1',
        port: front.port,
        identity: { name: 'localhost', verifyHostname: true, pins: [] },
        timeouts,
    };
    const proposal = proposalsOf(tls, 'TLSv1.3').find(({ groups }) => groups === 'default');
    if (proposal === undefined || 'message' in proposal.ready)
        throw new Error('no proposal');
    const trial = { version: 'TLSv1.3', groups: 'default', clientCertificate: tls.cert !== undefined };
    const { handshake } = await observe(place, trial, proposal.ready, [], undefined, never);
    await front.connections[0]?.closed;
    return handshake;
}
t.test('TLS 1.3: a refusal after the handshake, however it comes', async (t) => {
    const asking = { ca: pki.ca.cert, rejectUnauthorized: false };
    for (const [end, found] of [
        ['reset', { outcome: 'reset', code: 'ECONNRESET' }],
        ['close', { outcome: 'close', code: 'ECONNRESET' }],
        [{ alert: 48 }, { outcome: 'alert', alert: 48, hint: /unknown_ca/ }],
    ]) {
        const handshake = await seen(t, { passUntil: 'client-flight', end }, settings, asking);
        t.match(handshake, { result: 'failed', cause: 'client-certificate', protocol: 'TLSv1.3', ...found });
        t.equal(handshake.certificateRequested, true);
    }
});
t.test('TLS 1.3: a refusal of a client without a certificate', async (t) => {
    const asking = { ca: pki.ca.cert, rejectUnauthorized: false };
    for (const [end, how] of [
        [{ alert: 116 }, /it demands a client certificate \(alert certificate_required\)/],
        ['reset', /it demands a client certificate \(reset\)/],
    ]) {
        const handshake = await seen(t, { passUntil: 'client-flight', end }, trusting, asking);
        t.match(handshake, { result: 'failed', cause: 'client-certificate', hint: how });
    }
});
t.test('TLS 1.3: an end after the handshake of a server that asked for nothing', async (t) => {
    const ended = { passUntil: 'client-flight', end: 'reset' };
    t.match(await seen(t, ended, settings), { result: 'failed', cause: 'server-fault', certificateRequested: false });
    const alert = { passUntil: 'client-flight', end: { alert: 46 } };
    t.match(await seen(t, alert, settings), { cause: 'client-certificate', alert: 46, certificateRequested: false });
});
t.test('a server that takes us', async (t) => {
    const handshake = await seen(t, 'pass', settings, { ca: pki.ca.cert });
    t.match(handshake, { result: 'confirmed', outcome: 'ok', certificateRequested: true, protocol: 'TLSv1.3' });
    t.notOk('cause' in handshake);
});
//# sourceMappingURL=survey-handshake.test.js.map