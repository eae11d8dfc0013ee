import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { loadText } from './load-text.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const reference = read('docs/configuration.md');

t.test('docs/configuration.md is what the schema says', async (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/reference.mjs'), '--print'], {
    encoding: 'utf8',
  });
  if (status !== 0) t.fail(/^Error: (.*)$/m.exec(stderr)?.[1] ?? stderr);
  else t.ok(stdout === reference, 'docs/configuration.md is up to date; `npm run reference` writes it anew');
});

t.test('every key of the JSON Schema is in it', async (t) => {
  interface Node {
    readonly properties?: Readonly<Record<string, Node>>;
    readonly items?: Node;
    readonly anyOf?: readonly Node[];
  }
  const namesOf = ({ properties = {}, items, anyOf = [] }: Node): string[] => [
    ...Object.keys(properties),
    ...[...Object.values(properties), ...(items === undefined ? [] : [items]), ...anyOf].flatMap(namesOf),
  ];
  const names = new Set(namesOf(JSON.parse(read('config/proxy.schema.json')) as Node));
  t.ok(names.size > 60);
  for (const name of names) t.match(reference, new RegExp(`[\`.]${name}\``), name);
});

t.test('its examples are right, each key in one configuration', async (t) => {
  const secrets = ['PROXY_TOKEN', 'KEY_PASS', 'API_KEY', 'TRUST_PASS', 'STORE_PASS'];
  const env = Object.fromEntries(secrets.map((name) => [name, 'a-secret-of-some-length-0123456789']));
  const { problems } = loadText(t, read('scripts/reference/examples.yaml'), env);
  const real = problems.filter(({ severity, message }) => severity === 'error' && !message.startsWith('cannot read'));
  t.same(
    real.map(({ line, message }) => `${line}: ${message}`),
    [],
  );
});
