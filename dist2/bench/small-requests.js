/** What a small request costs over connections that are kept: `node dist/bench/small-requests.js`. */
import { besideNginx } from './beside-nginx.js';
await besideNginx({
    name: 'small requests, connections kept',
    nginx: { upstream: 'keepalive 64;\n    keepalive_requests 100000000;', location: '' },
    ours: { tls: {}, route: {} },
});
//# sourceMappingURL=small-requests.js.map