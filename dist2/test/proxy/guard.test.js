import t from 'tap';
import { ProxyError } from '../../src/errors.js';
import { guard } from '../../src/proxy/guard.js';
const hosts = new Set(['localhost', '::1', 'device.test']);
function ask(headers) {
    try {
        guard({ headers }, { hosts });
        return 'may';
    }
    catch (error) {
        if (error instanceof ProxyError && error.code === 'guard' && error.source === 'downstream')
            return error.message;
        throw error;
    }
}
t.test('the Host', async (t) => {
    for (const host of ['localhost', 'LOCALHOST:8080', '[::1]:8080', 'device.test'])
        t.equal(ask({ host }), 'may', host);
    for (const host of ['evil.test', 'localhost.evil.test', '', '::1'])
        t.match(ask({ host }), /the Host "/, host);
    t.equal(ask({}), 'may', 'HTTP/1.0 has none');
});
t.test('a listener exposed on purpose takes any', async (t) => {
    t.doesNotThrow(() => guard({ headers: { host: 'evil.test' } }, { hosts: undefined }));
});
t.test('the Origin', async (t) => {
    const host = 'localhost:8080';
    t.equal(ask({ host, origin: 'http://localhost:8080' }), 'may');
    for (const origin of ['http://localhost', 'https://localhost:8080', 'http://evil.test', 'null', '']) {
        t.match(ask({ host, origin }), /another origin/, origin);
    }
    t.match(ask({ origin: 'http://undefined' }), /another origin/);
});
t.test('Sec-Fetch-Site', async (t) => {
    const by = (site) => ask({ host: 'localhost', 'sec-fetch-site': site });
    for (const site of ['same-origin', 'none'])
        t.equal(by(site), 'may');
    for (const site of ['cross-site', 'same-site', 'anything'])
        t.match(by(site), /pages of other origins/);
});
//# sourceMappingURL=guard.test.js.map