import { constants } from 'node:crypto';
import t from 'tap';
import { scene, until12 } from '../../fixtures/ladder.js';
t.test('A30 a TLS 1.2 server that asks for the certificate by renegotiation gets it', async (t) => {
    const { up, ask } = await scene(t, {
        decide: () => 'pass',
        server: {
            ...until12,
            requestCert: false,
            rejectUnauthorized: false,
            // Or the client would resume its session, and show no certificate.
            tls: { secureOptions: constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION },
            handler(request, response, record) {
                const socket = request.socket;
                if (record.nth > 0) {
                    response.end(socket.getPeerX509Certificate()?.subject);
                    return;
                }
                socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, (error) => {
                    const client = socket.getPeerX509Certificate()?.subject ?? 'nobody';
                    response.end(error === null ? client : error.message);
                });
            },
        },
    });
    for (const reused of [false, true]) {
        const { reply, line } = await ask();
        t.equal(reply.text(), 'CN=client');
        t.match(line, { status: 200, protocol: 'TLSv1.2', reused });
    }
    t.equal(up.connections.at(0).client, undefined, 'the first handshake asked for none');
});
//# sourceMappingURL=answers-a-late-certificate-request.test.js.map