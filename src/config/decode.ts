import * as v from 'valibot';
import { nearest } from './nearest.ts';
import { type Entries, isNeverEmpty, type Shape } from './shape.ts';
import { secretKey, withoutSecrets } from './source.ts';
import type { Tree } from './tree.ts';

/**
 * What the file says, in the types of the schema: everything may be missing, defaults are not put in, and what could not
 * be read is undefined (an item of a list keeps its place). A map whose keys are the user's is a list of pairs, as written.
 */
export type Written<S> = S extends { readonly type: 'optional' | 'exact_optional'; readonly wrapped: infer W }
  ? Written<W>
  : S extends { readonly type: 'object'; readonly entries: infer E }
    ? { readonly [K in keyof E]?: Written<E[K]> }
    : S extends { readonly type: 'array'; readonly item: infer I }
      ? readonly (Written<I> | undefined)[]
      : S extends { readonly type: 'record'; readonly value: infer V }
        ? readonly (readonly [name: string, value: Written<V>])[]
        : S extends { readonly type: 'union'; readonly options: readonly (infer O)[] }
          ? Written<O>
          : S extends v.GenericSchema
            ? v.InferOutput<S>
            : never;

/** `absence`: the problem is that something is not there, which is unsure in a file with syntax errors. */
export type Report = (offset: number, message: string, kind?: 'error' | 'warning' | 'absence') => void;

/** Reads a tree by a schema and reports every problem, each at its node. */
export function decode<S extends v.GenericSchema>(schema: S, tree: Tree, report: Report): Written<S> | undefined {
  return read(schema, tree, { report, name: 'the file', secret: false }) as Written<S> | undefined;
}

interface Context {
  readonly report: Report;
  /** How a message calls the value: `"connect"`. */
  readonly name: string;
  /** Whether nothing of the value may be shown. */
  readonly secret: boolean;
}

function read(schema: v.GenericSchema, tree: Tree, context: Context): unknown {
  const shape: Shape = schema;
  if (shape.wrapped !== undefined) return read(shape.wrapped, tree, context);
  if (tree.kind === 'scalar' && tree.text === undefined) return undefined;
  if (shape.options !== undefined) {
    const option = shape.options.find((each) => kindOf(each) === tree.kind);
    return option === undefined ? mismatch(schema, tree, context) : read(option, tree, context);
  }
  if (shape.entries !== undefined) return readMap(schema, shape.entries, tree, context);
  if (shape.item !== undefined) return readList(schema, shape.item, tree, context);
  if (shape.key !== undefined && shape.value !== undefined)
    return readRecord(schema, { key: shape.key, value: shape.value }, tree, context);
  if (tree.kind !== 'scalar') return mismatch(schema, tree, context);
  const result = v.safeParse(schema, tree.text);
  return result.success ? result.output : mismatch(schema, tree, context, result.issues[0].message);
}

function readMap(schema: v.GenericSchema, entries: Entries, tree: Tree, context: Context): unknown {
  const isNothing = tree.kind === 'scalar' && tree.written === '';
  if (tree.kind !== 'map' && !isNothing) return mismatch(schema, tree, context);
  const written = tree.kind === 'map' ? tree.entries : [];
  const output: Record<string, unknown> = {};
  for (const { key, keyOffset, value } of written) {
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (entry === undefined) {
      context.report(keyOffset, unknownKey(key, entries, context.secret));
      continue;
    }
    const secret = context.secret || secretKey.test(key);
    const decoded = read(entry, value, { ...context, name: `"${key}"`, secret });
    if (decoded !== undefined) output[key] = decoded;
  }
  for (const [key, entry] of Object.entries(entries)) {
    if (entry.type.endsWith('optional') || written.some((each) => each.key === key)) continue;
    context.report(tree.offset, `"${key}" is missing; it must be ${expected(entry)}`, 'absence');
  }
  return output;
}

function readList(schema: v.GenericSchema, item: v.GenericSchema, tree: Tree, context: Context): unknown {
  if (tree.kind !== 'list') return mismatch(schema, tree, context);
  if (tree.items.length === 0 && isNeverEmpty(schema)) {
    context.report(tree.offset, `${context.name} needs at least one item`);
    return undefined;
  }
  return tree.items.map((each) => read(item, each, { ...context, name: `each item of ${context.name}` }));
}

/** A map whose keys are the user's own. Its values are not shown in messages: they may be keys to something. */
function readRecord(
  schema: v.GenericSchema,
  { key, value }: { readonly key: v.GenericSchema; readonly value: v.GenericSchema },
  tree: Tree,
  context: Context,
): unknown {
  const isNothing = tree.kind === 'scalar' && tree.written === '';
  if (tree.kind !== 'map' && !isNothing) return mismatch(schema, tree, context);
  return (tree.kind === 'map' ? tree.entries : []).flatMap((entry) => {
    const name = v.safeParse(key, entry.key);
    if (!name.success) {
      context.report(entry.keyOffset, `each key of ${context.name} must be ${expected(key)}`);
      return [];
    }
    const decoded = read(value, entry.value, { ...context, name: JSON.stringify(entry.key), secret: true });
    return decoded === undefined ? [] : [[name.output, decoded]];
  });
}

function mismatch(schema: v.GenericSchema, tree: Tree, context: Context, reason = ''): undefined {
  const because = reason === '' ? '' : `: ${reason}`;
  context.report(tree.offset, `${context.name} must be ${expected(schema)}, not ${found(tree, context)}${because}`);
}

/** The value as a person finds it in the file. What came from the environment is not shown, for it may be a secret. */
function found(tree: Tree, { secret }: Context): string {
  if (tree.kind !== 'scalar') return `a ${tree.kind}`;
  if (tree.written === '') return 'nothing';
  if (secret) return 'what is written';
  // A URL without its scheme still has credentials. They go first: masking a word in them could take the @ away.
  const written = withoutSecrets(tree.written.replace(/^(?![a-z][a-z0-9+.-]*:\/\/).*:.*@/is, '***@'));
  const shown = JSON.stringify(written.length > 60 ? `${written.slice(0, 60)}…` : written);
  return tree.replaced ? `what ${shown} stands for` : shown;
}

/** The forms a schema takes, as they complete "must be …". */
function expected(schema: v.GenericSchema): string {
  const title = v.getTitle(schema);
  if (title !== undefined) return title;
  const { entries, options = [] }: Shape = schema;
  if (entries !== undefined) return `a map of ${Object.keys(entries).join(', ')}`;
  return options.map(expected).join(' or ');
}

function unknownKey(key: string, entries: Entries, secret: boolean): string {
  const known = Object.keys(entries);
  if (secret) return `unknown key; known here: ${known.join(', ')}`;
  const meant = nearest(key, known);
  const name = JSON.stringify(withoutSecrets(key));
  if (meant !== undefined) return `unknown key ${name}, did you mean "${meant}"?`;
  const inside = known.find((each) => Object.hasOwn(entriesOf(entries[each]), key));
  const hint = inside === undefined ? `known here: ${known.join(', ')}` : `it belongs into "${inside}"`;
  return `unknown key ${name}; ${hint}`;
}

/** The keys of a map's schema; none for another's. */
function entriesOf(schema: Shape | undefined): Entries {
  return schema?.wrapped === undefined ? (schema?.entries ?? {}) : entriesOf(schema.wrapped);
}

function kindOf({ type }: v.GenericSchema): Tree['kind'] {
  if (type === 'object' || type === 'record') return 'map';
  return type === 'array' ? 'list' : 'scalar';
}
