import { decode } from './decode.js';
import { configSchema } from './schema.js';
import { explain } from './syntax.js';
import { expandTabs } from './tabs.js';
import { parseTree } from './tree.js';
/**
 * Reads a configuration's text. A file indented by tabs is read with spaces in their place, by the width that leaves
 * the fewest problems, so that the tabs do not hide what else is wrong.
 */
export function readText(text, env) {
    const parsed = parseTree(text, env);
    const asIs = interpret(text, parsed, (offset) => offset);
    if (parsed.tabs.length === 0)
        return asIs;
    const [best] = [2, 4, 8]
        .map((width) => expandTabs(text, width))
        .map((expanded) => ({ ...expanded, parsed: parseTree(expanded.text, env) }))
        .filter((each) => each.parsed.brokenFrom === Number.POSITIVE_INFINITY)
        .map((each) => interpret(each.text, each.parsed, each.original))
        .sort((a, b) => a.problems.length - b.problems.length);
    if (best === undefined)
        return asIs;
    const tabs = parsed.tabs.map((offset) => ({ offset, message: explain('TAB_AS_INDENT'), kind: 'syntax' }));
    return { ...best, problems: [...best.problems, ...tabs] };
}
function interpret(text, parsed, original) {
    const problems = [];
    const report = (offset, message, kind = 'error') => problems.push({ offset: original(offset), message, kind });
    for (const { offset, message } of parsed.syntax)
        report(offset, message, 'syntax');
    for (const { offset, message } of parsed.problems)
        report(offset, message);
    const written = decode(configSchema, parsed.root, report) ?? {};
    const secrets = parsed.secrets.map(({ offset, end }) => ({ offset: original(offset), end: original(end) }));
    return { root: parsed.root, written, problems, secrets, isUnsure: unsure(text, parsed), original };
}
/** Before the line of the first structural error everything is sure, except that something is missing. */
function unsure(text, { brokenFrom }) {
    if (brokenFrom === Number.POSITIVE_INFINITY)
        return () => false;
    const sureBefore = text.lastIndexOf('\n', brokenFrom - 1) + 1;
    return ({ offset, kind }) => kind === 'absence' || (kind !== 'syntax' && offset >= sureBefore);
}
//# sourceMappingURL=reading.js.map