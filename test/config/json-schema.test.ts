import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { runCommand } from '../fixtures/proxy.ts';
import { loadText } from './load-text.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const document = read('config/proxy.schema.json');
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(JSON.parse(document));

/** What the schema has against a configuration: the places, as JSON pointers. */
function faults(yaml: string): string[] {
  validate(parse(yaml));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

/** The smallest configuration, with further lines of its route and of the whole. */
const smallest = (route = '', whole = '') => `
listen: 127.0.0.1:8080
${whole}
routes:
  - name: api
    match: { path: /api }
    upstream: https://api.example
${route.replace(/^/gm, '    ')}
`;

t.test('mtls-proxy schema prints config/proxy.schema.json', async (t) => {
  const { code, stdout, stderr } = await runCommand(['schema']);
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.ok(stdout === document, 'config/proxy.schema.json is up to date; `npm run schema` writes it anew');
});

t.test('what the project shows is valid', async (t) => {
  // Keys without a default stand in a comment as an example.
  const full = read('config/full.yaml').replace(/^( *)# (?=[a-z][A-Za-z]*: )/gm, '$1');
  t.same(faults(full), [], 'config/full.yaml, every key');
  t.same(faults(read('config/proxy.yaml')), [], 'config/proxy.yaml');
  const examples = [...read('README.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text as string);
  t.ok(examples.length > 0);
  for (const example of examples) t.same(faults(example), [], example);
});

/** Values that the program takes, each as it may stand in a file. */
const accepted: readonly (readonly [string, string?])[] = [
  ['tls: { versions: [1.3, 1.2] }'],
  ['tls: { versions: [TLSv1.2, tls1_1, "1"] }'],
  ['tls: { versions: TLSv1.2 }'],
  ['tls: { passphrase: 12345 , pfx: a.p12 }'],
  ['tls: { passphrase: { env: KEY }, pfx: a.p12 }'],
  ['tls: { remember: 0 }'],
  ['tls: { remember: 500ms }'],
  ['tls: { ca: [system, ca.pem] }'],
  ['timeouts: { connect: "${CONNECT:-5s}" }'],
  ['pool: { maxConnections: "${MOST:-8}", keepAlive: "${KEEP:-true}" }'],
  ['limits: { body: none }'],
  ['limits: { body: 1MiB }'],
  ['limits: { body: 1048576 }'],
  ['headers: { request: { set: { X-Number: 5, X-Key: { env: KEY } }, remove: [Server] } }'],
  ['via: http://proxy:3128'],
  ['via: { url: http://proxy:3128, username: me, password: { file: secret } }'],
  ['via: none'],
  ['tls:'],
  ['', 'admin: 127.0.0.1:0\nlog: { level: debug }\ndrain: 0'],
  ['', 'guard: { hosts: [api.local], origins: [https://app.example], token: { env: KEY } }'],
  ['', 'limits: { header: 32KiB, connections: 10 }'],
  ['', 'admin: systemd:watch'],
];

t.test('what the program takes, the schema takes', async (t) => {
  for (const [route, whole] of accepted) {
    const yaml = smallest(route, whole);
    const problems = loadText(t, yaml, { KEY: 'value' }).problems.filter(
      ({ severity, message }) => severity === 'error' && !message.startsWith('cannot read'),
    );
    t.same(problems, [], `the program takes ${route}${whole ?? ''}`);
    t.same(faults(yaml), [], `the schema takes ${route}${whole ?? ''}`);
  }
});

t.test('what is wrong is marked where it stands', async (t) => {
  const wrong: readonly (readonly [string, string, string])[] = [
    [smallest('timout: 5s'), '/routes/0 additionalProperties', 'an unknown key'],
    [smallest('tls: { version: 1.2 }'), '/routes/0/tls additionalProperties', 'one further in'],
    [smallest('tls: { versions: [SSLv3] }'), '/routes/0/tls/versions/0 enum', 'a version that there is not'],
    [smallest('tls: { offer: all }'), '/routes/0/tls/offer enum', 'a word that is none of the set'],
    [smallest('timeouts: { connect: 5 }'), '/routes/0/timeouts/connect type', 'a duration without its unit'],
    [smallest('pool: { keepAlive: yes }'), '/routes/0/pool/keepAlive type', 'YAML 1.2 has no yes'],
    [smallest().replace('https:', 'http:'), '/routes/0/upstream pattern', 'an upstream without TLS'],
    ['listen: 127.0.0.1:8080', ' required', 'no routes'],
    ['listen: 127.0.0.1:8080\nroutes: []', '/routes minItems', 'none in the list'],
  ];
  for (const [yaml, place, why] of wrong) t.ok(faults(yaml).includes(place), `${why}: ${faults(yaml).join(', ')}`);
});

t.test('defaults are those of the program, as values', async (t) => {
  const { properties } = JSON.parse(document);
  const route = properties.defaults.properties;
  t.equal(properties.exposed.default, false);
  t.equal(properties.limits.properties.connections.default, 4096);
  t.equal(route.timeouts.properties.connect.default, '5s');
  t.same(route.tls.properties.versions.default, ['TLSv1.3', 'TLSv1.2']);
  t.match(route.tls.properties.versions.description, /only versions ever offered/);
});
