import * as v from 'valibot';
import { nearest } from './nearest.ts';
import { secretKey, withoutCredentials } from './source.ts';
import type { Tree, TreeMap } from './tree.ts';

/**
 * What the file says, in the types of the schema: everything may be missing, defaults are not put in, and what could not
 * be read is undefined (an item of a list keeps its place).
 */
export type Written<S> = S extends { readonly type: 'optional' | 'exact_optional'; readonly wrapped: infer W }
  ? Written<W>
  : S extends { readonly type: 'object'; readonly entries: infer E }
    ? { readonly [K in keyof E]?: Written<E[K]> }
    : S extends { readonly type: 'array'; readonly item: infer I }
      ? readonly (Written<I> | undefined)[]
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

type Entries = Readonly<Record<string, v.GenericSchema>>;

/** What the walk needs to know of a valibot schema. */
interface Shape {
  readonly type: string;
  readonly wrapped?: v.GenericSchema;
  readonly entries?: Entries;
  readonly item?: v.GenericSchema;
  readonly options?: readonly v.GenericSchema[];
  readonly pipe?: readonly { readonly type: string }[];
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
  if (kindOf(schema) !== tree.kind) return mismatch(schema, tree, context);
  if (tree.kind === 'list') return readList(shape, tree.items, tree.offset, context);
  const result = v.safeParse(schema, (tree as { readonly text?: string }).text);
  return result.success ? result.output : mismatch(schema, tree, context, result.issues[0].message);
}

function readMap(schema: v.GenericSchema, entries: Entries, tree: Tree, context: Context): unknown {
  if (isNothing(tree))
    return readMap(schema, entries, { kind: 'map', entries: [], offset: tree.offset, end: tree.end }, context);
  if (tree.kind !== 'map') return mismatch(schema, tree, context);
  const output: Record<string, unknown> = {};
  for (const { key, keyOffset, value } of tree.entries) {
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (entry === undefined) {
      context.report(keyOffset, context.secret ? 'unknown key; known here: env, file' : unknownKey(key, entries));
      continue;
    }
    const secret = context.secret || secretKey.test(key);
    const decoded = read(entry, value, { ...context, name: `"${key}"`, secret });
    if (decoded !== undefined) output[key] = decoded;
  }
  for (const key of missingKeys(entries, tree)) {
    context.report(tree.offset, `"${key}" is missing; it must be ${expected(entries[key])}`, 'absence');
  }
  return output;
}

function readList(shape: Shape, items: readonly Tree[], offset: number, context: Context): unknown {
  const { item } = shape;
  if (items.length === 0 && shape.pipe?.some(({ type }) => type === 'min_length')) {
    context.report(offset, `${context.name} needs at least one item`);
    return undefined;
  }
  return items.map(
    (each) =>
      item && read(item, each, { ...context, name: `each item of ${context.name.replace(/^each item of /, '')}` }),
  );
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
  const written = withoutCredentials(tree.written);
  const shown = JSON.stringify(written.length > 60 ? `${written.slice(0, 60)}…` : written);
  return tree.replaced ? `what ${shown} stands for` : shown;
}

/** The forms a schema takes, as they complete "must be …". */
function expected(schema: v.GenericSchema | undefined): string {
  if (schema === undefined) return '';
  const title = v.getTitle(schema);
  if (title !== undefined) return title;
  const { entries, options = [] }: Shape = schema;
  if (entries !== undefined) return `a map of ${Object.keys(entries).join(', ')}`;
  return options.map(expected).join(' or ');
}

function unknownKey(key: string, entries: Entries): string {
  const known = Object.keys(entries);
  const meant = nearest(key, known);
  if (meant !== undefined) return `unknown key ${JSON.stringify(key)}, did you mean "${meant}"?`;
  const inside = known.find((each) => Object.hasOwn(entriesOf(entries[each]), key));
  const hint = inside === undefined ? `known here: ${known.join(', ')}` : `it belongs into "${inside}"`;
  return `unknown key ${JSON.stringify(key)}; ${hint}`;
}

/** The keys of a map's schema; none for another's. */
function entriesOf(schema: Shape | undefined): Entries {
  return schema?.wrapped === undefined ? (schema?.entries ?? {}) : entriesOf(schema.wrapped);
}

function missingKeys(entries: Entries, { entries: written }: TreeMap): string[] {
  const present = new Set(written.map(({ key }) => key));
  return Object.keys(entries).filter((key) => !present.has(key) && !entries[key]?.type.endsWith('optional'));
}

const isNothing = (tree: Tree): boolean => tree.kind === 'scalar' && tree.written === '';

function kindOf({ type }: v.GenericSchema): Tree['kind'] {
  if (type === 'object') return 'map';
  return type === 'array' ? 'list' : 'scalar';
}
