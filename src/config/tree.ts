import { type Document, isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type YAMLError } from 'yaml';
import { interpolate } from './interpolate.ts';
import { type Span, secretKey, withoutSecrets } from './source.ts';
import { explain, isStructural } from './syntax.ts';

/** The file as a tree of three kinds: aliases resolved, `${NAME}` replaced, every scalar its text. */
export type Tree = Scalar | TreeMap | List;

export interface Scalar extends Span {
  readonly kind: 'scalar';
  /** After the references were replaced; undefined when that failed, which is already reported. */
  readonly text: string | undefined;
  /** What stands in the file. */
  readonly written: string;
  /** Whether the text is partly the environment's. */
  readonly replaced: boolean;
  /** Whether nothing of the text stands in the file. */
  readonly referencesOnly: boolean;
}

export interface TreeMap extends Span {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: Tree;
}

export interface List extends Span {
  readonly kind: 'list';
  readonly items: readonly Tree[];
}

export interface TreeProblem {
  readonly offset: number;
  readonly message: string;
}

export interface Parsed {
  readonly root: Tree;
  /** Errors of YAML itself, one a line at most where one error draws others after it. */
  readonly syntax: readonly TreeProblem[];
  /** Keys twice, aliases and references that lead nowhere. */
  readonly problems: readonly TreeProblem[];
  /** Where secrets stand in plain text. */
  readonly secrets: readonly Span[];
  /** The offset of the first error that makes what follows unsure; Infinity without one. */
  readonly brokenFrom: number;
  /** Offsets of the tabs that indent, which are in `syntax` too. */
  readonly tabs: readonly number[];
}

/** So many nodes may come into being by aliases; a bomb of nested ones asks for millions. */
const aliasBudget = 1000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads YAML 1.2 without giving a type to any scalar (`1.0` stays `1.0`). Throws nothing for bad text. */
export function parseTree(text: string, env: Environment): Parsed {
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, strict: true, prettyErrors: false });
  const builder = new Builder(text, document, env);
  const root = builder.build(document.contents, 0);
  const errors: readonly YAMLError[] = [...document.errors, ...document.warnings];
  const structural = errors.filter(({ code }) => isStructural(code));
  const lineOf = ({ pos }: YAMLError) => text.lastIndexOf('\n', pos[0] - 1);
  const firstOfLine = new Map([...structural].reverse().map((error) => [lineOf(error), error]));
  return {
    root,
    syntax: errors
      .filter((error) => !isStructural(error.code) || firstOfLine.get(lineOf(error)) === error)
      .map(({ code, pos }) => ({ offset: pos[0], message: explain(code) })),
    problems: builder.problems,
    secrets: builder.secrets,
    brokenFrom: Math.min(...structural.map(({ pos }) => pos[0]), Number.POSITIVE_INFINITY),
    tabs: errors.filter(({ code }) => code === 'TAB_AS_INDENT').map(({ pos }) => pos[0]),
  };
}

class Builder {
  readonly problems: TreeProblem[] = [];
  readonly secrets: Span[] = [];
  readonly #text: string;
  readonly #document: Document;
  readonly #env: Environment;
  #aliased = 0;
  #aliasDepth = 0;

  constructor(text: string, document: Document, env: Environment) {
    this.#text = text;
    this.#document = document;
    this.#env = env;
  }

  /** @param offset where the node would stand if there is none */
  build(node: unknown, offset: number): Tree {
    if (isAlias(node)) return this.#follow(spanOf(node, offset).offset, node.resolve(this.#document));
    if (this.#aliasDepth > 0) this.#aliased += 1;
    if (isMap(node)) return this.#map(node.items, spanOf(node, offset));
    if (isSeq(node)) return this.#list(node.items, spanOf(node, offset));
    return this.#scalar(isScalar(node) ? String(node.value) : '', spanOf(node, offset));
  }

  #follow(offset: number, node: unknown): Tree {
    if (node === undefined) return this.#unusable(offset, 'no anchor of this name stands above');
    if (this.#aliased >= aliasBudget) return this.#unusable(offset, 'aliases repeat too much; write it out');
    this.#aliasDepth += 1;
    this.#aliased += 1;
    const tree = this.build(node, offset);
    this.#aliasDepth -= 1;
    return tree;
  }

  #unusable(offset: number, message: string): Tree {
    this.problems.push({ offset, message });
    return {
      kind: 'scalar',
      offset,
      end: offset,
      text: undefined,
      written: '',
      replaced: false,
      referencesOnly: false,
    };
  }

  #map(pairs: readonly unknown[], span: Span): Tree {
    const entries: Entry[] = [];
    const seen = new Set<string>();
    for (const pair of pairs.filter(isPair)) {
      const { offset: keyOffset, end } = spanOf(pair.key, span.offset);
      const value = this.build(pair.value, end);
      if (!isScalar(pair.key)) {
        this.problems.push({ offset: keyOffset, message: 'a key must be a plain word' });
        continue;
      }
      const key = String(pair.key.value);
      if (seen.has(key))
        this.problems.push({ offset: keyOffset, message: `"${withoutSecrets(key)}" is written twice in this map` });
      seen.add(key);
      if (secretKey.test(key)) this.#hide(value);
      // Of `headers: { request: { set } }`: an API key's field may have any name.
      if (key === 'set' && value.kind === 'map') for (const each of value.entries) this.#hide(each.value);
      entries.push({ key, keyOffset, value });
    }
    return { kind: 'map', entries, ...span };
  }

  #hide(value: Tree): void {
    if (value.kind === 'map' && value.entries.every(({ key }) => key === 'env' || key === 'file')) return;
    if (value.kind === 'scalar' && value.referencesOnly) return;
    this.secrets.push({ offset: value.offset, end: value.end });
  }

  #list(items: readonly unknown[], span: Span): Tree {
    return { kind: 'list', items: items.map((item) => this.build(item, span.offset)), ...span };
  }

  #scalar(written: string, span: Span): Tree {
    const { text, problems, replaced, referencesOnly } = interpolate(written, this.#env);
    const raw = this.#text.slice(span.offset, span.end);
    const shift = raw.startsWith(written) ? 0 : raw.slice(1).startsWith(written) ? 1 : Number.NaN;
    for (const { index, message } of problems) {
      this.problems.push({ offset: span.offset + (Number.isNaN(shift) ? 0 : shift + index), message });
    }
    return { kind: 'scalar', text: problems.length > 0 ? undefined : text, written, replaced, referencesOnly, ...span };
  }
}

function spanOf(node: unknown, offset: number): Span {
  const range = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range : undefined;
  return { offset: range?.[0] ?? offset, end: range?.[1] ?? offset };
}
