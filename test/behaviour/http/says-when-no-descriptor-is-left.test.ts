import { readdir } from 'node:fs/promises';
import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { type Problem, pki, trusting } from '../../fixtures/pair.ts';
import { pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { startUpstream } from '../../fixtures/upstreams.ts';
import { settled } from '../../fixtures/vitals.ts';
import { ConnectionEnded, type Wire } from '../../fixtures/wire.ts';

/** More than the command needs by itself, on any Node. */
const limit = 64;

/** Descriptors that a process has below the limit: those from a parent may be above. */
async function used(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).filter((fd) => Number(fd) < limit).length;
}

/** Connects clients until the process has no descriptor for one more; those that it took stay. */
async function fill(t: Scope, port: number): Promise<Wire[]> {
  for (const clients: Wire[] = []; ; ) {
    const client = await rawRequest(t, port, 'GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n');
    try {
      await client.until('}\n');
      clients.push(client);
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
      return clients;
    }
  }
}

for (const by of ['url', 'namedUrl'] as const) {
  t.test(
    `E13 without a descriptor for the upstream (by its ${by}) a request is 503, and the next one is served`,
    async (t) => {
      const up = await startUpstream(t, trusting);
      const { pid, port, log } = await runProxy(t, {
        config: oneRoute(up[by]),
        files: pkiFiles(pki),
        launch: (argv) => ['sh', '-c', `ulimit -n ${limit} && exec "$@"`, 'sh', ...argv],
      });
      const clients = await fill(t, port);
      const [client, ...others] = clients as [Wire, ...Wire[]];
      await client.write('GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const head = await client.head();
      t.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
      t.match(head, /\r\nProxy-Status: mtls-proxy; error=connection_limit_reached; /);
      t.match(JSON.parse((await client.until('}\n')).toString()) as Problem, {
        cause: 'overloaded',
        detail: /out of file descriptors; raise its limit \(`ulimit -n`\)/,
      });
      t.match(await log.next(({ path }) => path === '/iot'), { status: 503, cause: 'overloaded', detail: /ulimit/ });
      for (const other of others) await other.close();
      await settled(
        () => used(pid),
        (now) => now < limit - 8,
      );
      await client.write('GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
      t.match(await client.head(), /^HTTP\/1\.1 200 OK\r\n/);
    },
  );
}
