import t from 'tap';
import { open, send } from '../../fixtures/client.js';
import { startPair } from '../../fixtures/pair.js';
t.test('D23/W no runtime warns of what the proxy uses', async (t) => {
    const { url, proxy, up } = await startPair(t, {
        route: { timeouts: { response: '50ms' } },
        config: { log: { level: 'info' } },
    });
    await send(url, { method: 'POST', body: 'x' });
    await send(`${proxy.url}/nowhere`);
    up.handler = () => undefined;
    t.equal((await send(url)).status, 504);
    const { request } = open(`${url}/left`);
    await up.requests.first(({ target }) => target === '/left');
    request.destroy();
    const { code, stderr } = await proxy.stop();
    t.equal(stderr, '');
    t.equal(code, 0);
});
//# sourceMappingURL=warns-of-nothing.test.js.map