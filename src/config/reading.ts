import { decode } from './decode.ts';
import type { Scope, WrittenConfig } from './resolve.ts';
import { configSchema } from './schema.ts';
import type { Span } from './source.ts';
import { explain } from './syntax.ts';
import { expandTabs } from './tabs.ts';
import { type Parsed, parseTree, type Tree } from './tree.ts';

/** A problem by its offset in the file. `absence`: something is not there. */
export interface Problem {
  readonly offset: number;
  readonly message: string;
  readonly kind: 'syntax' | 'error' | 'warning' | 'absence';
}

/** A text taken apart: its tree, what it says in the schema's types, and what is wrong so far. */
export interface Reading {
  readonly root: Tree;
  readonly written: WrittenConfig;
  readonly problems: readonly Problem[];
  /** Stretches of the file in which secrets stand. */
  readonly secrets: readonly Span[];
  /** Whether a problem may be no more than a consequence of a syntax error. */
  readonly isUnsure: (problem: Problem) => boolean;
  /** From an offset of the tree to one of the file. */
  readonly original: (offset: number) => number;
}

/**
 * Reads a configuration's text. A file indented by tabs is read with spaces in their place, by the width that leaves
 * the fewest problems, so that the tabs do not hide what else is wrong.
 */
export function readText(text: string, env: Scope['env']): Reading {
  const parsed = parseTree(text, env);
  const asIs = interpret(text, parsed, (offset) => offset);
  if (parsed.tabs.length === 0) return asIs;
  const [best] = [2, 4, 8]
    .map((width) => expandTabs(text, width))
    .map((expanded) => ({ ...expanded, parsed: parseTree(expanded.text, env) }))
    .filter((each) => each.parsed.brokenFrom === Number.POSITIVE_INFINITY)
    .map((each) => interpret(each.text, each.parsed, each.original))
    .sort((a, b) => a.problems.length - b.problems.length);
  if (best === undefined) return asIs;
  const tabs = parsed.tabs.map((offset): Problem => ({ offset, message: explain('TAB_AS_INDENT'), kind: 'syntax' }));
  return { ...best, problems: [...best.problems, ...tabs] };
}

function interpret(text: string, parsed: Parsed, original: Reading['original']): Reading {
  const problems: Problem[] = [];
  const report = (offset: number, message: string, kind: Problem['kind'] = 'error') =>
    problems.push({ offset: original(offset), message, kind });
  for (const { offset, message } of parsed.syntax) report(offset, message, 'syntax');
  for (const { offset, message } of parsed.problems) report(offset, message);
  const written = decode(configSchema, parsed.root, report) ?? {};
  const secrets = parsed.secrets.map(({ offset, end }) => ({ offset: original(offset), end: original(end) }));
  return { root: parsed.root, written, problems, secrets, isUnsure: unsure(text, parsed), original };
}

/** Before the line of the first structural error everything is sure, except that something is missing. */
function unsure(text: string, { brokenFrom }: Parsed): Reading['isUnsure'] {
  if (brokenFrom === Number.POSITIVE_INFINITY) return () => false;
  const sureBefore = text.lastIndexOf('\n', brokenFrom - 1) + 1;
  return ({ offset, kind }) => kind === 'absence' || (kind !== 'syntax' && offset >= sureBefore);
}
