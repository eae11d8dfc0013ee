import * as v from 'valibot';
import { nearest } from './nearest.js';
import { secretKey, withoutSecrets } from './source.js';
/** Reads a tree by a schema and reports every problem, each at its node. */
export function decode(schema, tree, report) {
    return read(schema, tree, { report, name: 'the file', secret: false });
}
function read(schema, tree, context) {
    const shape = schema;
    if (shape.wrapped !== undefined)
        return read(shape.wrapped, tree, context);
    if (tree.kind === 'scalar' && tree.text === undefined)
        return undefined;
    if (shape.options !== undefined) {
        const option = shape.options.find((each) => kindOf(each) === tree.kind);
        return option === undefined ? mismatch(schema, tree, context) : read(option, tree, context);
    }
    if (shape.entries !== undefined)
        return readMap(schema, shape.entries, tree, context);
    if (shape.item !== undefined)
        return readList(schema, shape.item, tree, context);
    if (tree.kind !== 'scalar')
        return mismatch(schema, tree, context);
    const result = v.safeParse(schema, tree.text);
    return result.success ? result.output : mismatch(schema, tree, context, result.issues[0].message);
}
function readMap(schema, entries, tree, context) {
    const isNothing = tree.kind === 'scalar' && tree.written === '';
    if (tree.kind !== 'map' && !isNothing)
        return mismatch(schema, tree, context);
    const written = tree.kind === 'map' ? tree.entries : [];
    const output = {};
    for (const { key, keyOffset, value } of written) {
        const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
        if (entry === undefined) {
            context.report(keyOffset, unknownKey(key, entries, context.secret));
            continue;
        }
        const secret = context.secret || secretKey.test(key);
        const decoded = read(entry, value, { ...context, name: `"${key}"`, secret });
        if (decoded !== undefined)
            output[key] = decoded;
    }
    for (const [key, entry] of Object.entries(entries)) {
        if (entry.type.endsWith('optional') || written.some((each) => each.key === key))
            continue;
        context.report(tree.offset, `"${key}" is missing; it must be ${expected(entry)}`, 'absence');
    }
    return output;
}
function readList(schema, item, tree, context) {
    if (tree.kind !== 'list')
        return mismatch(schema, tree, context);
    if (tree.items.length === 0 && isNeverEmpty(schema)) {
        context.report(tree.offset, `${context.name} needs at least one item`);
        return undefined;
    }
    return tree.items.map((each) => read(item, each, { ...context, name: `each item of ${context.name}` }));
}
const isNeverEmpty = ({ pipe = [] }) => pipe.some((each) => each.type === 'min_length' || isNeverEmpty(each));
function mismatch(schema, tree, context, reason = '') {
    const because = reason === '' ? '' : `: ${reason}`;
    context.report(tree.offset, `${context.name} must be ${expected(schema)}, not ${found(tree, context)}${because}`);
}
/** The value as a person finds it in the file. What came from the environment is not shown, for it may be a secret. */
function found(tree, { secret }) {
    if (tree.kind !== 'scalar')
        return `a ${tree.kind}`;
    if (tree.written === '')
        return 'nothing';
    if (secret)
        return 'what is written';
    const written = withoutSecrets(tree.written);
    const shown = JSON.stringify(written.length > 60 ? `${written.slice(0, 60)}…` : written);
    return tree.replaced ? `what ${shown} stands for` : shown;
}
/** The forms a schema takes, as they complete "must be …". */
function expected(schema) {
    const title = v.getTitle(schema);
    if (title !== undefined)
        return title;
    const { entries, options = [] } = schema;
    if (entries !== undefined)
        return `a map of ${Object.keys(entries).join(', ')}`;
    return options.map(expected).join(' or ');
}
function unknownKey(key, entries, secret) {
    const known = Object.keys(entries);
    if (secret)
        return `unknown key; known here: ${known.join(', ')}`;
    const meant = nearest(key, known);
    const name = JSON.stringify(withoutSecrets(key));
    if (meant !== undefined)
        return `unknown key ${name}, did you mean "${meant}"?`;
    const inside = known.find((each) => Object.hasOwn(entriesOf(entries[each]), key));
    const hint = inside === undefined ? `known here: ${known.join(', ')}` : `it belongs into "${inside}"`;
    return `unknown key ${name}; ${hint}`;
}
/** The keys of a map's schema; none for another's. */
function entriesOf(schema) {
    return schema?.wrapped === undefined ? (schema?.entries ?? {}) : entriesOf(schema.wrapped);
}
function kindOf({ type }) {
    if (type === 'object')
        return 'map';
    return type === 'array' ? 'list' : 'scalar';
}
//# sourceMappingURL=decode.js.map