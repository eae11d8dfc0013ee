import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { open, send } from '../fixtures/client.ts';
import { pki, trusting } from '../fixtures/pair.ts';
import { pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { container, image, root } from './container.ts';

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => `/${name}`);

t.test('what is in the image', async (t) => {
  const named = (pattern: RegExp): string[] => files.filter((name) => pattern.test(name));
  t.same(named(/^\/(usr\/local\/)?s?bin\//), ['/usr/local/bin/node'], 'one program: no shell, no package manager');
  t.same(named(/\/(npm|npx|corepack|yarn|apt|dpkg|sh|bash)$/), []);
  t.same(named(/\/(typescript|tap|@biomejs|@types|\.bin|test|tests)(\/|$)/), [], 'nothing of development');
  t.same(named(/\.d\.[cm]?ts$|\.node$/), []);
  t.same(named(/\.(key|pem|p12|jks|npmrc)$/), [], 'no keys');
  for (const name of ['/app/LICENSE', '/app/sbom.cdx.json', '/app/dist/src/main.js']) t.ok(files.includes(name), name);
  const bom = JSON.parse(readFileSync(join(root, 'app/sbom.cdx.json'), 'utf8')) as { components: { name: string }[] };
  const installed = named(/^\/app\/node_modules\/(.*\/node_modules\/)?(@[^/]+\/)?[^/@]+\/package\.json$/);
  t.equal(installed.length, bom.components.length, 'the bill of materials is of what is there');
});

t.test('all of it belongs to root, and nobody else may write', async (t) => {
  const loose = files.filter((name) => {
    const { uid, mode } = lstatSync(join(root, name));
    return uid !== 0 || ((mode & 0o022) !== 0 && (mode & 0o170000) !== 0o120000);
  });
  t.same(loose, []);
});

t.test('what the image says of itself', async (t) => {
  t.match(image.User, /^[1-9]\d*:[1-9]\d*$/, 'not root, by number');
  t.equal(image.StopSignal, 'SIGTERM');
  t.same(image.Cmd, ['run']);
  t.ok(image.Env.includes('MTLS_PROXY_CONFIG=/etc/mtls-proxy/proxy.yaml'));
  t.equal(image.Healthcheck.Test[0], 'CMD', 'without a shell');
});

t.test('uid 12345, read-only, without capabilities: requests, health, and a drain', async (t) => {
  const up = await startUpstream(t, {
    ...trusting,
    handler: (request, response, record) => {
      request.resume();
      if (record.target === '/slow') setTimeout(() => response.end('slow'), 1000);
      else response.end('hello');
    },
  });
  const box = container(t);
  const config = { ...oneRoute(up.url), admin: '127.0.0.1:0' };
  const proxy = await runProxy(t, { config, files: pkiFiles(pki), ...box });

  t.match((await send(`${proxy.url}/iot/x`)).text(), 'hello');
  t.equal(up.requests.at(-1).connection.client, 'client', 'by mutual TLS');
  const big = Buffer.alloc(1_000_000, 'x');
  t.equal((await send(`${proxy.url}/iot/x`, { method: 'POST', body: big })).status, 200);
  t.match((await send(`${proxy.admin}/metrics`)).text(), /^process_open_fds [1-9]/m);
  for (const path of ['/', '/page.js', '/page.css', '/status'])
    t.equal((await send(`${proxy.admin}${path}`)).status, 200, path);

  const write = "require('fs').writeFileSync(process.argv[1], 'x')";
  for (const path of ['/x', '/app/x', '/tmp/x', '/etc/mtls-proxy/x', '/dev/x']) {
    t.not(box.exec(['node', '-e', write, path]).code, 0, `${path} cannot be written`);
  }
  const status = box.exec(['node', '-p', "require('fs').readFileSync('/proc/1/status', 'utf8')"]).stdout;
  t.match(status, /^Uid:\t12345\t12345/m);
  t.match(status, /^CapBnd:\t0+$/m);
  t.match(status, /^NoNewPrivs:\t1$/m);

  const [, ...check] = image.Healthcheck.Test;
  const { code, stderr } = box.exec(check);
  t.match({ code, stderr }, { code: 2, stderr: /port 0/ }, 'the command of HEALTHCHECK, on the configuration as it is');
  const fixed = { ...config, listen: proxy.addresses[0], admin: proxy.admin.replace('http://', '') };
  await writeFiles(proxy.directory, { 'fixed.yaml': stringify(fixed) });
  const healthy = box.exec([...check, '--config', '/etc/mtls-proxy/fixed.yaml']);
  t.match(healthy, { code: 0, stdout: /is alive\n$/ });

  const slow = open(`${proxy.url}/iot/slow`);
  const answered = slow.response.then(async (response) => {
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  });
  await up.requests.first(({ target }) => target === '/slow');
  box.kill('TERM');
  await proxy.log.next('draining');
  t.equal(await answered, 200, 'what runs is finished');
  t.match(await proxy.exited, { code: 0 }, 'SIGTERM to the first process of the container');
});

t.test('a configuration that is wrong or absent ends it with 2', async (t) => {
  const wrong = await runProxy(t, { config: 'listen: nonsense\n', ...container(t) }).catch(
    (error: Error) => error.message,
  );
  t.match(wrong, /the process ended \(2\)\n.*\/etc\/mtls-proxy\/proxy\.yaml:1:9: /s);
});
