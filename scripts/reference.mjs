// Writes docs/configuration.md from the schema of the configuration: every key with its form, its default, what it is for
// (schema.ts), why (the comments of config/full.yaml) and an example (reference/examples.yaml).
//
// usage: npm run reference      prints with `node scripts/reference.mjs --print`
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { isCollection, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { configSchema } from '../dist/src/config/schema.js';

const place = (name) => fileURLToPath(new URL(name, import.meta.url));
const read = (name) => readFileSync(place(name), 'utf8');

/** A key of the configuration: its path, its schema without what makes it optional, and its default. */
function keysOf(schema, path) {
  return Object.entries(schema.entries).map(([name, entry]) => {
    const inner = entry.wrapped ?? entry;
    const required = !entry.type.endsWith('optional');
    return {
      name,
      path: path === '' ? name : `${path}.${name}`,
      schema: inner,
      standard: v.getDefault(entry),
      required,
    };
  });
}

/** The map that stands below a key by itself, such as `tls`; not one that is one of several forms. */
const isGroup = ({ schema, standard, name }) =>
  schema.entries !== undefined &&
  (standard !== undefined || name === 'match') &&
  Object.keys(schema.entries).length > 0;

const ofRoutes = 'routes[]';
const routeOnly = new Set(['name', 'match', 'upstream']);

/** Comments of full.yaml by the path of the key before them; a route's keys stand there under `defaults`. */
const reasons = new Map();
{
  const open = [];
  for (const line of read('../config/full.yaml').split('\n')) {
    const found = /^( *)(?:# (?=[a-z][A-Za-z]*: ))?(- )?([a-z][A-Za-z]*):(.*)$/.exec(line);
    if (found === null) continue;
    const [, spaces, dash, name, rest] = found;
    const indent = spaces.length + (dash?.length ?? 0);
    while (open.length > 0 && open.at(-1).indent >= indent) open.pop();
    const above = open.at(-1)?.path;
    const path = above === undefined ? name : `${above === 'routes' ? ofRoutes : above}.${name}`;
    open.push({ indent, path });
    const comment = / # (.*)$/.exec(rest)?.[1];
    if (comment !== undefined) reasons.set(path.replace(/^defaults\./, `${ofRoutes}.`), comment);
  }
}

/** Source text of examples by path. */
const examples = new Map();
{
  const text = read('reference/examples.yaml');
  const visit = (node, path) => {
    if (isSeq(node)) for (const item of node.items) visit(item, `${path}[]`);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const at = path === '' ? key.value : `${path}.${key.value}`;
      const source = text.slice(value.range[0], value.range[1]);
      if (!examples.has(at) && (isScalar(value) || value.flow)) examples.set(at, `${key.value}: ${source}`);
      if (isCollection(value)) visit(value, at);
    }
  };
  visit(parseDocument(text).contents, '');
}

const aMap = 'a map of the keys below';

/** What may be written, in words: a choice as its forms, behind one another. */
function formsOf(schema) {
  if (schema.options !== undefined) return [...new Set(schema.options.flatMap(formsOf))];
  if (schema.entries !== undefined) return [aMap];
  return [v.getTitle(schema)];
}

/** The maps among the forms of a key, whose keys are told below it. */
const mapsOf = (schema) => {
  if (schema.options !== undefined) return schema.options.flatMap(mapsOf);
  if (schema.item !== undefined) return mapsOf(schema.item);
  return schema.entries === undefined ? [] : [schema];
};

const code = (text) => `\`${text}\``;
const prose = (text) => text.replaceAll('<', '\\<');

const wordsOf = (text) => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
const wordsBeside = (text, other) => wordsOf(text).filter((word) => !wordsOf(other).includes(word));

/** What a key is for, and what full.yaml adds to that; one that says all that the other does stands alone. */
function toldOf({ path, schema }) {
  const description = v.getDescription(schema);
  const reason = reasons.get(path) ?? '';
  if (wordsBeside(reason, description).length < 3) return { description };
  const whole = `${reason[0].toUpperCase()}${reason.slice(1)}.`;
  return wordsBeside(description, reason).length < 2 ? { description: whole } : { description, reason };
}

/** A secret is explained at the top, once. */
const isSecret = ({ schema }) => schema.options?.some((option) => option.entries?.env !== undefined) === true;

const written = (standard) =>
  Array.isArray(standard) ? `[${standard.join(', ')}]` : typeof standard === 'object' ? '{}' : String(standard);

function defaultOf({ standard, required }) {
  if (required) return 'must be written';
  return standard === undefined ? 'no default' : `default ${code(written(standard))}`;
}

const listed = (forms) => (forms.length < 2 ? forms.join('') : `${forms.slice(0, -1).join('; ')}; or ${forms.at(-1)}`);

function about(key) {
  const { description, reason } = toldOf(key);
  const lines = [`### ${code(key.path)}`, '', prose(description), ''];
  if (reason !== undefined) lines.push(`- Note: ${prose(reason)}`);
  lines.push(`- Form: ${formOf(key)}; ${defaultOf(key)}`);
  const inner = isSecret(key) ? [] : mapsOf(key.schema).flatMap((map) => keysOf(map, key.path));
  for (const each of new Map(inner.map((one) => [one.name, one])).values()) {
    lines.push(`  - ${code(each.name)} (${formOf(each)}; ${defaultOf(each)}): ${prose(v.getDescription(each.schema))}`);
  }
  const example = examples.get(key.path);
  if (example === undefined)
    throw new Error(`scripts/reference/examples.yaml has no ${key.path}; give it an example there`);
  return [...lines, `- Example: ${code(example)}`, ''];
}

const formOf = (key) => listed(formsOf(key.schema).filter((form) => !isSecret(key) || form !== aMap));

/** A section for a map: its keys, then the maps in it as sections of their own. */
function section(title, intro, keys) {
  const own = keys.filter((key) => !isGroup(key));
  const groups = keys.filter(isGroup);
  return [
    `## ${title}`,
    '',
    ...intro,
    ...own.flatMap(about),
    ...groups.flatMap((key) =>
      section(code(key.path), [prose(toldOf(key).description), ''], keysOf(key.schema, key.path)),
    ),
  ];
}

function document() {
  const top = keysOf(configSchema, '').filter(({ name }) => name !== 'defaults' && name !== 'routes');
  const route = keysOf(configSchema.entries.routes.item, ofRoutes);
  return [
    '# Configuration reference',
    '',
    'Every key: what it is for, why, what may be written, its default and an example. Written by `npm run reference` from the schema',
    'of the program, [config/full.yaml](../config/full.yaml) and `scripts/reference/examples.yaml`;',
    'change those. As a JSON Schema for editors: `mtls-proxy schema`.',
    '',
    'The file is YAML 1.2. Paths are relative to it. Durations: `500ms`, `5s`, `2m`, `1h`. Sizes: `64KiB`, `1MiB`, or a number of bytes.',
    '`${NAME}` and `${NAME:-default}` in a value come from the environment. A secret is a text, or better a map of one',
    'of two keys: `env`, the name of an environment variable that holds it, or `file`, the path of a file that does (a newline at its end is cut).',
    '`mtls-proxy check` says what is wrong with a file, with line and column. What a reload takes over: [operations.md](operations.md).',
    '',
    'The smallest file is `listen` and one route with `name`, `match` and `upstream`.',
    '',
    ...section('The process', [], top),
    '## `defaults`',
    '',
    `${v.getDescription(configSchema.entries.defaults.wrapped)} It takes the keys of a route except ${[...routeOnly].map(code).join(', ')}.`,
    'What a route says takes the place of what stands here, key by key; a credential (`cert` with `key`, `pfx`, `keystore`; `ca`, `truststore`)',
    'takes the place of the other forms of it, too.',
    '',
    `- Example: ${code(examples.get('defaults'))}`,
    '',
    ...section('`routes`', [`${v.getDescription(configSchema.entries.routes)} A tie is an error.`, ''], route),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd();
}

const text = `${document()}\n`;
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(place('../docs/configuration.md'), text);
