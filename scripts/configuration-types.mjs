// Writes src/configuration.ts, the configuration's type for programs, from config/proxy.schema.json: `npm run schema`.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** The type of a schema, as TypeScript's text. */
function typeOf(schema, indent) {
  if (schema.named !== undefined) return schema.named;
  // `${NAME}` may stand anywhere; a program that wants it where no string may be has to say so.
  const forms = schema.anyOf?.filter((form) => form.$ref === undefined);
  if (forms !== undefined) return unionOf(forms.map((each) => typeOf(each, indent)));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return unionOf(schema.enum.map((word) => `'${word}'`));
  if (schema.properties !== undefined) return mapOf(schema, indent);
  if (schema.additionalProperties !== undefined) {
    return `{ readonly [name: string]: ${typeOf(schema.additionalProperties, indent)} }`;
  }
  if (schema.items !== undefined) return `readonly (${typeOf(schema.items, indent)})[]`;
  const types = [schema.type ?? 'string'].flat();
  // Any text: YAML makes numbers of some, a program says what it means.
  if (types.length === 3) return 'string';
  return unionOf(types.map((type) => (type === 'integer' ? 'number' : type)));
}

function mapOf({ properties, required = [] }, indent) {
  const inner = `${indent}  `;
  const keys = Object.entries(properties).map(([key, schema]) => {
    const said = schema.default === undefined ? '' : ` Default: \`${JSON.stringify(schema.default)}\`.`;
    const mark = required.includes(key) ? '' : '?';
    return `${inner}/** ${schema.description}${said} */\n${inner}readonly ${key}${mark}: ${typeOf(schema, inner)};\n`;
  });
  return `{\n${keys.join('')}${indent}}`;
}

/** Without repeats; `string` takes in all words. */
function unionOf(types) {
  const all = [...new Set(types.flatMap((type) => (type.includes('{') ? [type] : type.split(' | '))))];
  return all.filter((type) => !(type.startsWith("'") && all.includes('string'))).join(' | ');
}

const { properties, required } = JSON.parse(readFileSync(new URL('config/proxy.schema.json', root), 'utf8'));
const shared = properties.defaults.properties;
const { items } = properties.routes;
const own = Object.fromEntries(Object.entries(items.properties).filter(([key]) => !Object.hasOwn(shared, key)));
const whole = {
  ...properties,
  defaults: { ...properties.defaults, type: undefined, properties: undefined, named: 'RouteOptions' },
  routes: { ...properties.routes, items: { named: 'Route' } },
};
const text = `// Written by \`npm run schema\` from the schema, which is the reason for its length; a test holds it to that.

/** What the configuration's file says, as a program writes it: durations as \`'5s'\`, sizes as \`'64KiB'\`, paths relative to \`cwd\`. */
export interface Configuration ${mapOf({ properties: whole, required }, '')}

/** Where requests go. */
export interface Route extends RouteOptions ${mapOf({ properties: own, required: items.required }, '')}

/** What a route may say, and \`defaults\` for all routes. */
export interface RouteOptions ${mapOf({ properties: shared }, '')}
`;
writeFileSync(process.argv[2] ?? new URL('src/configuration.ts', root), text);
