import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import * as v from 'valibot';
import { loadConfig } from '../../src/config/load.js';
import { configSchema } from '../../src/config/schema.js';
import { parseTree } from '../../src/config/tree.js';
import { loadText } from './load-text.js';
const folder = fileURLToPath(new URL('../../../config/', import.meta.url));
const full = readFileSync(join(folder, 'full.yaml'), 'utf8');
/** Keys without a default stand in a comment as an example. */
const complete = full.replace(/^( *)# (?=[a-z][A-Za-z]*: )/gm, '$1');
/** Every key of a schema, maps before what is in them. */
function keys(schema, path = '') {
    const { wrapped, entries, item, options } = schema;
    if (wrapped !== undefined)
        return keys(wrapped, path);
    if (item !== undefined)
        return keys(item, `${path}[]`);
    if (options !== undefined)
        return options.flatMap((option) => keys(option, path));
    return Object.entries(entries ?? {}).flatMap(([key, schema]) => {
        const at = path === '' ? key : `${path}.${key}`;
        return [{ path: at, schema, standard: v.getDefault(schema) }, ...keys(schema, at)];
    });
}
/** Every path that is written, with its text. */
function written(tree, path = '') {
    if (tree.kind === 'list') {
        const texts = tree.items.map((item) => (item.kind === 'scalar' ? item.text : undefined));
        return [[path, texts], ...tree.items.flatMap((item) => (item.kind === 'scalar' ? [] : written(item, `${path}[]`)))];
    }
    if (tree.kind === 'scalar')
        return [[path, tree.text]];
    const inside = tree.entries.flatMap(({ key, value }) => written(value, path === '' ? key : `${path}.${key}`));
    return path === '' ? inside : [[path, {}], ...inside];
}
// The two forms of a socket and of a secret are alternatives to what the example shows.
const isForm = (path) => /^(listen|admin)(\[\])?\.|\.passphrase\./.test(path);
const inFull = keys(configSchema).filter(({ path }) => !isForm(path));
t.test('every key says what it is for', async (t) => {
    for (const { path, schema } of keys(configSchema)) {
        const { wrapped = schema } = schema;
        t.match(v.getDescription(wrapped), /.\.$/, path);
    }
});
t.test('config/full.yaml has every key with its default', async (t) => {
    const shown = new Map(written(parseTree(complete, {}).root));
    const active = new Map(written(parseTree(full, {}).root));
    for (const { path, standard } of inFull) {
        const inDefaults = path.replace(/^routes\[\]\./, 'defaults.');
        t.ok(shown.has(path) || shown.has(inDefaults), `${path} is there`);
        if (!active.has(path))
            continue;
        if (standard !== undefined)
            t.same(active.get(path), standard, `${path} has its default`);
        else
            t.match(path, /^(listen|routes.*)$/, `${path} has no default, so it is not set`);
    }
    t.same([...shown.keys()].filter((path) => path !== 'routes[]' && !isForm(path) && !inFull.some((key) => key.path === path)), [], 'and no other');
});
t.test('config/full.yaml says why, on every line', async (t) => {
    for (const line of full.split('\n').filter((line) => /: \S/.test(line) && !line.startsWith('#')))
        t.match(line, / # .{10}/, line);
});
t.test('config/full.yaml and config/proxy.yaml are right', async (t) => {
    t.same(loadConfig(join(folder, 'full.yaml'), {}).problems, []);
    const local = (text) => text.replace(/\.\.\/certs\/\S+/g, 'a.pem');
    t.same(loadText(t, local(complete), { KEY_PASS: 'x' }).lines, []);
    t.same(loadText(t, local(readFileSync(join(folder, 'proxy.yaml'), 'utf8'))).lines, []);
});
//# sourceMappingURL=schema.test.js.map