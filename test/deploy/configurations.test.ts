import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { parse, parseDocument } from 'yaml';
import { send } from '../fixtures/client.ts';
import { pki } from '../fixtures/pair.ts';
import { pkiFiles } from '../fixtures/pki.ts';
import { runCommand, runProxy } from '../fixtures/proxy.ts';

const deploy = fileURLToPath(new URL('../../../deploy/', import.meta.url));
const files = {
  'certs/ca.pem': pki.ca.cert,
  'certs/client.crt': pki.client.chain,
  'certs/client.key': pki.client.key,
  'tls/tls.crt': pki.client.chain,
  'tls/tls.key': pki.client.key,
};

const configurations = (await readdir(deploy, { recursive: true })).filter((name) => name.endsWith('proxy.yaml'));

t.test('every configuration that is shipped tells an editor its schema', async (t) => {
  for (const name of configurations) {
    const text = await readFile(join(deploy, name), 'utf8');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const found = await readFile(join(deploy, dirname(name), schema), 'utf8');
    t.match(JSON.parse(found), { properties: { routes: {} } }, name);
  }
});

t.test('every configuration that is shipped is sound', async (t) => {
  t.ok(configurations.length >= 3);
  for (const name of configurations) {
    const directory = await mkdtemp(join(tmpdir(), 'deploy-'));
    t.teardown(() => rm(directory, { recursive: true }));
    await cp(join(deploy, name), join(directory, 'proxy.yaml'));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    const env = { POD_IP: '10.1.2.3' };
    const { code, stderr } = await runCommand(['check', '--config', join(directory, 'proxy.yaml')], { env });
    t.equal(code, 0, name);
    t.notMatch(stderr, /error/i, name);
  }
});

t.test('the image that is deployed is of this version', async (t) => {
  const { version } = JSON.parse(await readFile(join(deploy, '../package.json'), 'utf8')) as { version: string };
  const overlays = (await readdir(deploy, { recursive: true })).filter((name) =>
    /overlays.*kustomization\.yaml$/.test(name),
  );
  t.equal(overlays.length, 2);
  for (const name of overlays) {
    const { images } = parse(await readFile(join(deploy, name), 'utf8')) as { images: { newTag: string }[] };
    t.equal(images[0]?.newTag, version, name);
  }
});

/** Runs one of the configurations on ports that are free, in a pod of that address. */
async function startIn(t: Test, name: string, POD_IP: string) {
  const document = parseDocument(await readFile(join(deploy, name), 'utf8'));
  for (const key of ['listen', 'admin']) {
    document.set(key, String(document.get(key)).replace(/:\d+$/, ':0').replace('0.0.0.0', '127.0.0.1'));
  }
  const proxy = await runProxy(t, { config: String(document), files: { ...pkiFiles(pki), ...files }, env: { POD_IP } });
  const { address } = await proxy.log.next((line) => line['admin'] === true);
  const statusOf = async (host: string, url = `http://${address}/healthz`): Promise<number> =>
    (await send(url, { headers: { Host: host } })).status;
  return { proxy, statusOf };
}

for (const overlay of ['sidecar', 'gateway']) {
  t.test(`${overlay}: kubelet and Prometheus get in by the pod's address, and no page does`, async (t) => {
    const { statusOf } = await startIn(t, `kubernetes/overlays/${overlay}/proxy.yaml`, '10.1.2.3');
    t.equal(await statusOf('10.1.2.3:9901'), 200);
    t.equal(await statusOf('rebinding.example:9901'), 403);
  });
}

t.test('gateway: programs call it by the names of the Service', async (t) => {
  const { proxy, statusOf } = await startIn(t, 'kubernetes/overlays/gateway/proxy.yaml', '10.1.2.3');
  const nothing = `${proxy.url}/nothing`;
  for (const name of ['mtls-proxy.egress', 'mtls-proxy.egress.svc', 'mtls-proxy.egress.svc.cluster.local']) {
    t.equal(await statusOf(`${name}:8080`, nothing), 404, name);
  }
  t.equal(await statusOf('other.egress:8080', nothing), 403);
});
