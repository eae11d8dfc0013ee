import type { Path } from './resolve.ts';
import type { Tree } from './tree.ts';

/** The node a path leads to; undefined when nothing is written there. `['routes', n, …]` may be written in `defaults`. */
export function writtenAt(root: Tree, path: Path): Tree | undefined {
  const { node, left } = follow(root, path);
  return left === 0 ? node : undefined;
}

/** Like {@link writtenAt}, but where nothing is written the nearest node around the place. */
export const nodeNear = (root: Tree, path: Path): Tree => follow(root, path).node;

/** The path of the value that is written at an offset, or whose key is: `routes[0].tls.cert`; `configuration` of the whole. */
export function keyAt(root: Tree, offset: number): string {
  const steps = stepsTo(root, offset).map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
  return steps.join('').replace(/^\./, '') || 'configuration';
}

function stepsTo(node: Tree, offset: number): Path {
  if (node.kind === 'list') {
    const index = node.items.findIndex((item) => item.offset <= offset && offset < item.end);
    return index === -1 ? [] : [index, ...stepsTo(node.items[index] as Tree, offset)];
  }
  if (node.kind !== 'map') return [];
  const entry = node.entries.find(({ keyOffset, value }) => keyOffset <= offset && offset < value.end);
  return entry === undefined ? [] : [entry.key, ...stepsTo(entry.value, offset)];
}

function follow(root: Tree, path: Path): { readonly node: Tree; readonly left: number } {
  const own = descend(root, path);
  if (path[0] !== 'routes' || path.length < 3) return own;
  const standard = descend(root, ['defaults', ...path.slice(2)]);
  return standard.left < own.left ? standard : own;
}

function descend(root: Tree, path: Path): { readonly node: Tree; readonly left: number } {
  let node = root;
  for (const [index, step] of path.entries()) {
    const next = child(node, step);
    if (next === undefined) return { node, left: path.length - index };
    node = next;
  }
  return { node, left: 0 };
}

function child(node: Tree, step: string | number): Tree | undefined {
  if (node.kind === 'list' && typeof step === 'number') return node.items[step];
  if (node.kind === 'map') return node.entries.findLast(({ key }) => key === step)?.value;
  return undefined;
}
