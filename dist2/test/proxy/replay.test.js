import t from 'tap';
import { mayReplay } from '../../src/proxy/replay.js';
t.test('what may be sent twice', async (t) => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']) {
        t.ok(mayReplay('idempotent', method), method);
        t.notOk(mayReplay('never', method));
        t.ok(mayReplay('always', method));
    }
    for (const method of ['POST', 'PATCH', 'CONNECT', 'get', 'MKCOL']) {
        t.notOk(mayReplay('idempotent', method), method);
        t.ok(mayReplay('always', method));
    }
});
//# sourceMappingURL=replay.test.js.map