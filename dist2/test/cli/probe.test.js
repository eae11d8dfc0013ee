import t from 'tap';
import { labelOf, report } from '../../src/cli/probe-report.js';
import { Progress } from '../../src/cli/progress.js';
const style = { columns: 100, unicode: false, colour: false };
const base = {
    target: 'iot',
    upstream: '127.0.0.1:1',
    servername: '127.0.0.1',
    node: '24.0.0',
    openssl: '3.5.0',
    handshakes: [],
    versions: [],
    certificates: [],
    pin: { versions: [], remarks: [] },
};
const trial = { version: 'TLSv1.2', groups: 'default', clientCertificate: true, resuming: false };
const failed = { ...trial, result: 'failed', outcome: 'reset', code: 'ECONNRESET', ms: 1 };
t.test('each way to fail, in words', async (t) => {
    const note = (handshake) => report({ ...base, handshakes: [{ ...failed, ...handshake }] }, style).split('\n')[5];
    t.equal(note({}), '   Reset, before any certificate was sent.');
    t.equal(note({ protocol: 'TLSv1.2' }), '   Reset.');
    t.equal(note({ outcome: 'alert', alert: 70 }), '   Does not speak TLSv1.2 (alert protocol_version).');
    t.equal(note({ outcome: 'alert', alert: 199 }), '   Alert 199, before any certificate was sent.');
    t.equal(note({ outcome: 'version', code: 'ERR_X' }), '   Does not speak TLSv1.2 (ERR_X).');
    t.equal(note({ groups: 'post-quantum' }), '   Does not take the post-quantum group alone (reset).');
    t.equal(note({ outcome: 'failed', code: 'ERR_Y' }), '   ERR_Y, before any certificate was sent.');
    t.equal(note({ hint: 'do this' }), '   Do this.');
});
t.test('resumption that fails, names, chains and groups', async (t) => {
    const summary = {
        subject: '',
        issuer: 'CN=CA',
        notBefore: '',
        notAfter: '2030-01-01T',
        daysLeft: 1,
        fingerprint: '',
    };
    const handshakes = [
        { ...trial, result: 'confirmed', outcome: 'ok', protocol: 'TLSv1.2', ms: 7 },
        { ...failed, resuming: true },
    ];
    const text = report({
        ...base,
        servername: 'device.test',
        handshakes,
        versions: [
            {
                version: 'TLSv1.2',
                result: 'confirmed',
                groups: 'default',
                clientCertificate: 'asked',
                resumption: 'failed',
            },
        ],
        certificates: [
            {
                ...summary,
                names: '',
                wrong: [],
                versions: ['TLSv1.2'],
                chain: [{ ...summary, subject: 'CN=\u001b[31mCA', daysLeft: 30 }],
            },
        ],
        pin: { versions: ['TLSv1.2'], groups: 'P-256', remarks: [] },
    }, style);
    t.equal(text, `127.0.0.1:1 as device.test, seen from Node 24.0.0 with OpenSSL 3.5.0

   version  groups   cipher  group  ALPN  resume  client cert

ok TLSv1.2  default  -       -      -     fails   asked for
   7 ms. Resuming: reset, before any certificate was sent.

Server certificate (TLSv1.2)
   (no name), issued by CN=CA
   Names: none
   Expires on 2030-01-01, in 1 day
   Above it: CN=CA, expires on 2030-01-01, in 30 days

For the route's \`tls\`:

   versions: [TLSv1.2]
   groups: "P-256"
`);
});
t.test('a handshake in a few words', async (t) => {
    t.equal(labelOf(trial), 'TLSv1.2, groups default and our certificate');
    t.equal(labelOf({ ...trial, clientCertificate: false, resuming: true }), 'TLSv1.2, groups default, resuming');
});
t.test('progress is for terminals only, and leaves nothing behind', async (t) => {
    let wrote = () => undefined;
    const terminal = (isTTY) => {
        const written = [];
        const write = (text) => {
            written.push(text);
            wrote();
            return true;
        };
        const stream = { isTTY, write };
        return { written, stream: stream };
    };
    const { written, stream } = terminal(true);
    const drawn = new Promise((resolve) => {
        wrote = resolve;
    });
    const progress = new Progress(stream, 0);
    progress.show('one');
    t.same(written, []);
    const kept = setInterval(() => undefined, 1000); // the progress itself keeps no process alive
    await drawn;
    clearInterval(kept);
    progress.show('two');
    progress.clear();
    progress.clear();
    t.same(written, ['\r\x1b[Kone', '\r\x1b[Ktwo', '\r\x1b[K']);
    const soon = terminal(true);
    const quick = new Progress(soon.stream);
    quick.show('one');
    quick.clear();
    t.same(soon.written, []);
    const file = terminal(false);
    const silent = new Progress(file.stream, 0);
    silent.show('one');
    silent.clear();
    t.same(file.written, []);
});
//# sourceMappingURL=probe.test.js.map