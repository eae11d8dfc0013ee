/** What a request costs that needs a handshake of its own, full and resumed: `node dist/bench/handshakes.js`. */
import { besideNginx } from './beside-nginx.js';
for (const resume of [false, true]) {
    await besideNginx({
        name: `a ${resume ? 'resumed' : 'full'} handshake for each request`,
        nginx: { upstream: '', location: `proxy_ssl_session_reuse ${resume ? 'on' : 'off'};` },
        ours: { tls: { resume }, route: { pool: { keepAlive: false } } },
    });
}
//# sourceMappingURL=handshakes.js.map