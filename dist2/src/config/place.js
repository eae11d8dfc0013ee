/** The node a path leads to; undefined when nothing is written there. `['routes', n, …]` may be written in `defaults`. */
export function writtenAt(root, path) {
    const { node, left } = follow(root, path);
    return left === 0 ? node : undefined;
}
/** Like {@link writtenAt}, but where nothing is written the nearest node around the place. */
export const nodeNear = (root, path) => follow(root, path).node;
function follow(root, path) {
    const own = descend(root, path);
    if (path[0] !== 'routes' || path.length < 3)
        return own;
    const standard = descend(root, ['defaults', ...path.slice(2)]);
    return standard.left < own.left ? standard : own;
}
function descend(root, path) {
    let node = root;
    for (const [index, step] of path.entries()) {
        const next = child(node, step);
        if (next === undefined)
            return { node, left: path.length - index };
        node = next;
    }
    return { node, left: 0 };
}
function child(node, step) {
    if (node.kind === 'list' && typeof step === 'number')
        return node.items[step];
    if (node.kind === 'map')
        return node.entries.findLast(({ key }) => key === step)?.value;
    return undefined;
}
//# sourceMappingURL=place.js.map