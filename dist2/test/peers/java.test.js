import t, {} from 'tap';
import { sha256 } from './app.js';
import { beside, last, run, startPlace } from './local.js';
/** The body that UrlConnection.java makes. */
function bodyOf(length) {
    return Buffer.from(Array.from({ length }, (_, index) => index % 251));
}
t.test("Java's HttpURLConnection as the local program", async (t) => {
    const { base, upstream, directory } = await startPlace(t);
    const built = await run('javac', ['-d', directory, beside('UrlConnection.java')]);
    t.equal(built.code, 0, built.stderr);
    async function java(t, ...requests) {
        const args = ['-XX:TieredStopAtLevel=1', '-cp', directory, 'UrlConnection', ...requests.flat().map(String)];
        const { code, stdout, stderr } = await run('java', args);
        t.equal(code, 0, stderr);
        const lines = stdout.trimEnd().split('\n');
        const told = [];
        while (lines.length > 0) {
            const [body = ''] = lines.splice(lines.indexOf('') + 1, 1);
            told.push({ head: lines.splice(0, lines.indexOf('') + 1).join('\n'), body });
        }
        return told;
    }
    await t.test('GET, twice over one connection, and a chunked response', async (t) => {
        const told = await java(t, ['GET', `${base}/devices?x=%2F`, 0], ['GET', `${base}/more`, 0], ['GET', `${base}/stream`, 0]);
        t.equal(told.length, 3);
        for (const { head } of told) {
            t.match(head, /^200 OK\n/);
            t.match(head, /^Content-Type: application\/json$/m);
            t.match(head, /^Set-Cookie: a=1$/m);
            t.match(head, /^Set-Cookie: b=2$/m);
        }
        t.match(told.map(({ body }) => JSON.parse(body)), [
            { client: 'client', method: 'GET', target: '/api/devices?x=%2F', bytes: 0 },
            { target: '/api/more' },
            { target: '/api/stream' },
        ]);
        t.match(last(upstream).values('user-agent'), [/^Java\//]);
        t.same(last(upstream).values('x-name'), ['java']);
        t.equal(upstream.connections.length, 1, 'one connection to the upstream');
    });
    await t.test('POST with a length, and chunked', async (t) => {
        const length = 1_000_000;
        const body = bodyOf(length);
        const told = await java(t, ['fixed', `${base}/upload`, length], ['chunked', `${base}/upload`, length]);
        t.equal(told.length, 2);
        for (const { head, body: text } of told) {
            t.match(head, /^200 OK\n/);
            t.match(JSON.parse(text), { method: 'POST', bytes: length, sha256: sha256(body) });
        }
        t.same(upstream.requests.at(-2).values('content-length'), [String(length)]);
        t.same(upstream.requests.at(-2).values('transfer-encoding'), []);
        t.same(upstream.requests.at(-1).values('content-length'), []);
        t.same(upstream.requests.at(-1).values('transfer-encoding'), ['chunked']);
    });
    await t.test("error documents: the upstream's own, and the proxy's", async (t) => {
        const refused = base.replace('/iot', '/refused');
        const [missing, get, post, ...rest] = await java(t, ['GET', `${base}/missing`, 0], ['GET', refused, 0], ['fixed', refused, 100]);
        t.same(rest, []);
        t.match(missing?.head, /^404 Not Found\n/);
        t.match(JSON.parse(missing?.body ?? ''), { target: '/api/missing' });
        for (const told of [get, post]) {
            t.match(told?.head, /^502 Bad Gateway\n/);
            t.match(told?.head, /^Content-Type: application\/problem\+json$/m);
            t.match(JSON.parse(told?.body ?? ''), { status: 502, cause: 'client-certificate', route: 'refused' });
        }
        t.equal(last(upstream).target, '/api/missing', 'no refused request was delivered');
    });
});
//# sourceMappingURL=java.test.js.map