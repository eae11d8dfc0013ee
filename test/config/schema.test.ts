import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import * as v from 'valibot';
import { loadConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { parseTree, type Tree } from '../../src/config/tree.ts';
import { loadText } from './load-text.ts';

const folder = fileURLToPath(new URL('../../../config/', import.meta.url));
const full = readFileSync(join(folder, 'full.yaml'), 'utf8');
/** Keys without a default stand in a comment as an example. */
const complete = full.replace(/^( *)# (?=[a-z][A-Za-z]*: )/gm, '$1');

interface Key {
  readonly path: string;
  readonly schema: v.GenericSchema;
  readonly standard: unknown;
}

/** Every key of a schema, maps before what is in them. */
function keys(schema: v.GenericSchema, path = ''): Key[] {
  const { wrapped, entries, item, options } = schema as {
    wrapped?: v.GenericSchema;
    entries?: Record<string, v.GenericSchema>;
    item?: v.GenericSchema;
    options?: v.GenericSchema[];
  };
  if (wrapped !== undefined) return keys(wrapped, path);
  if (item !== undefined) return keys(item, `${path}[]`);
  if (options !== undefined) return options.flatMap((option) => keys(option, path));
  return Object.entries(entries ?? {}).flatMap(([key, schema]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [{ path: at, schema, standard: v.getDefault(schema as never) }, ...keys(schema, at)];
  });
}

/** Every path that is written, with its text. */
function written(tree: Tree, path = ''): [string, unknown][] {
  if (tree.kind === 'list') {
    const texts = tree.items.map((item) => (item.kind === 'scalar' ? item.text : undefined));
    return [[path, texts], ...tree.items.flatMap((item) => (item.kind === 'scalar' ? [] : written(item, `${path}[]`)))];
  }
  if (tree.kind === 'scalar') return [[path, tree.text]];
  const inside = tree.entries.flatMap(({ key, value }) => written(value, path === '' ? key : `${path}.${key}`));
  return path === '' ? inside : [[path, {}], ...inside];
}

// The two forms of a socket, of a secret and of a proxy are alternatives to what the example shows.
const isForm = (path: string) => /^(listen|admin)(\[\])?\.|\.(passphrase|password|keyPassword|token|via)\./.test(path);
const inFull = keys(configSchema).filter(({ path }) => !isForm(path));

t.test('every key says what it is for', async (t) => {
  for (const { path, schema } of keys(configSchema)) {
    const { wrapped = schema } = schema as { wrapped?: v.GenericSchema };
    t.match(v.getDescription(wrapped), /.\.$/, path);
  }
});

t.test('config/full.yaml has every key with its default', async (t) => {
  const shown = new Map(written(parseTree(complete, {}).root));
  const active = new Map(written(parseTree(full, {}).root));
  for (const { path, standard } of inFull) {
    const inDefaults = path.replace(/^routes\[\]\./, 'defaults.');
    t.ok(shown.has(path) || shown.has(inDefaults), `config/full.yaml has ${path}`);
    if (!active.has(path)) continue;
    if (standard !== undefined) t.same(active.get(path), standard, `config/full.yaml gives ${path} its default`);
    else t.match(path, /^(listen|routes.*)$/, `config/full.yaml has ${path}, which has no default, in a comment only`);
  }
  t.same(
    [...shown.keys()].filter(
      (path) => path !== 'routes[]' && !isForm(path) && !inFull.some((key) => key.path === path),
    ),
    [],
    'and no other',
  );
});

t.test('config/full.yaml says why, on every line', async (t) => {
  for (const line of full.split('\n').filter((line) => /: \S/.test(line) && !line.startsWith('#')))
    t.match(line, / # .{10}/, line);
});

t.test('config/full.yaml and config/proxy.yaml are right', async (t) => {
  t.same(loadConfig(join(folder, 'full.yaml'), {}).problems, []);
  const local = (text: string) => text.replace(/\.\.\/certs\/[\w.-]+/g, 'a.pem');
  t.match(loadText(t, local(complete), { KEY_PASS: 'x', STORE_PASS: 'x', TRUST_PASS: 'x', PROXY_TOKEN: 'x' }).lines, [
    /"ca" is on line \d+ already; a route has only one of "ca", "truststore"$/,
    /"cert" is on line \d+ already; a route has only one of "cert" with "key", "pfx", "keystore"$/,
    /"cert" is on line \d+ already/,
  ]);
  t.same(loadText(t, local(readFileSync(join(folder, 'proxy.yaml'), 'utf8'))).lines, []);
});
