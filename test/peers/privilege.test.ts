import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { open, send } from '../fixtures/client.ts';
import { pki, trusting } from '../fixtures/pair.ts';
import { uncovered } from '../fixtures/permission.ts';
import { pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { beside } from './local.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/** A way to start the command by read-only-root.sh, with what strace saw. */
async function readOnlyRoot(t: Test, { sockets = false } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'read-only-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const root = join(directory, 'root');
  const trace = join(directory, 'trace');
  await mkdir(root);
  const place = [
    ...uncovered,
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'bash',
    beside('read-only-root.sh'),
    root,
    trace,
  ];
  return {
    launch: ([node, _script, ...args]: readonly [string, ...string[]]): readonly string[] => [
      ...place,
      sockets ? 'yes' : 'no',
      node,
      project,
      ...args,
    ],
    /** Where a path of the new root is for this process. */
    outside: (pid: number, path: string): string => `/proc/${pid}/root${path}`,
    /** From the start of Node to the end of the process, which strace may write after it. */
    async trace(pid: number): Promise<readonly string[]> {
      const end = new RegExp(`^${pid} +\\+\\+\\+ exited`, 'm');
      let text = '';
      while (!end.test(text)) {
        if (text !== '') await delay(20);
        text = await readFile(trace, 'utf8');
      }
      const lines = text.split('\n');
      return lines.slice(lines.findIndex((line) => line.includes('execve("/node"')));
    },
  };
}

/** What changes a file, a folder or a node of the file system; `bind` makes a socket's. */
const writing =
  /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|\b(?:creat|mkdir|mknod|unlink|rmdir|rename|link|symlink|chmod|fchmodat|f?chown|lchown|truncate|utime|setxattr|mount|acct|swapon)\w*\(|bind\(.*AF_UNIX/;

t.test('it writes nowhere: read-only root, uid 12345, no capabilities, no /proc, /dev or /tmp', async (t) => {
  const place = await readOnlyRoot(t);
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), admin: '127.0.0.1:0' };
  const proxy = await runProxy(t, { config, files: pkiFiles(pki), ...place });

  const status = await readFile(`/proc/${proxy.pid}/status`, 'utf8');
  t.match(status, /^Uid:\t12345\t12345\t12345\t12345$/m);
  t.match(status, /^Groups:\t *$/m);
  for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) t.match(status, new RegExp(`^Cap${set}:\t0+$`, 'm'));
  t.match(status, /^NoNewPrivs:\t1$/m);

  const body = Buffer.alloc(300_000, 'x');
  t.equal((await send(`${proxy.url}/iot/x`)).status, 200);
  t.equal((await send(`${proxy.url}/iot/x`, { method: 'POST', body })).status, 200);
  t.equal(up.requests.at(-1).bytes, body.length);
  const upgrade = { Connection: 'Upgrade', Upgrade: 'test' };
  open(`${proxy.url}/iot/x`, { headers: upgrade }).request.destroy();
  t.equal((await send(`${proxy.url}/nothing`)).status, 404);
  t.equal((await send(`${proxy.admin}/readyz`)).status, 200);
  t.match((await send(`${proxy.admin}/metrics`)).text(), /^mtls_proxy_requests_total\{.*code="200".*\} 2$/m);
  t.match(await proxy.stop(), { code: 0 });

  const trace = await place.trace(proxy.pid);
  t.ok(trace.length > 50, `it was watched: ${trace.length} lines`);
  t.ok(trace.some((line) => line.includes('"/config/client.key"')));
  t.same(
    trace.filter((line) => writing.test(line)),
    [],
  );
  t.same(trace.filter((line) => line.includes('execve(')).slice(1), [], 'nor does it start another program');
});

t.test('of the file system a unix listener writes its socket, and nothing else', async (t) => {
  const place = await readOnlyRoot(t, { sockets: true });
  const up = await startUpstream(t, trusting);
  const config = { ...oneRoute(up.url), listen: 'unix:/run/sockets/p.sock' };
  const proxy = await runProxy(t, { config, files: pkiFiles(pki), ...place });
  const socketPath = place.outside(proxy.pid, '/run/sockets/p.sock');
  t.equal((await send('http://localhost/iot/x', { socketPath })).status, 200);
  t.match(await proxy.stop(), { code: 0 });
  const written = (await place.trace(proxy.pid)).filter((line) => writing.test(line));
  t.ok(written.length > 0);
  t.same(
    written.filter((line) => !line.includes('"/run/sockets/p.sock"')),
    [],
  );
});
