import t from 'tap';
import { isProblem, offers, scene, seen, until12 } from '../../fixtures/ladder.js';
t.test('A10 versions [1.3] and a server that has only 1.2: it is said that the server cannot', async (t) => {
    const { up, front, name, ask } = await scene(t, {
        decide: () => 'pass',
        server: until12,
        tls: { versions: ['TLSv1.3'] },
    });
    const ladder = offers('TLSv1.3');
    isProblem(t, await ask(), {
        status: 502,
        cause: 'tls-version',
        error: 'tls_protocol_error',
        attempts: ladder.map((offer) => `${offer} alert 70`),
        detail: /TLSv1\.3: it does not speak that \(protocol_version\).*add the version it speaks to `versions`/,
        upstream: name,
    });
    t.same(seen(front), ladder, 'no hello offered TLS 1.2');
    t.equal(up.requests.length, 0);
});
t.test('A10 a server that answers a version it was not offered', async (t) => {
    const random = '11'.repeat(32);
    const hello = `0303${random}00c02b00`; // TLS 1.2, no session, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, no compression
    const length = (hello.length / 2).toString(16).padStart(6, '0');
    const message = `02${length}${hello}`;
    const record = Buffer.from(`160303${(message.length / 2).toString(16).padStart(4, '0')}${message}`, 'hex');
    const { front, name, ask } = await scene(t, {
        decide: () => ({ answer: record, end: 'silent' }),
        tls: { versions: ['TLSv1.3'] },
    });
    const ladder = offers('TLSv1.3');
    isProblem(t, await ask(), {
        status: 502,
        cause: 'tls-version',
        error: 'tls_protocol_error',
        attempts: ladder.map((offer) => `${offer} version`),
        detail: /TLSv1\.3: it does not speak that \(ERR_SSL_/,
        upstream: name,
    });
    t.same(seen(front), ladder);
});
//# sourceMappingURL=never-lowers-a-pinned-tls13.test.js.map