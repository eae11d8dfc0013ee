/**
 * Replaces every tab that indents by so many spaces. YAML forbids such tabs (YAML 1.2.2 section 6.1), and a parser that
 * met one has lost the structure; read again like this, the other problems of the file can be named too.
 */
export function expandTabs(text, width) {
    const tabs = [];
    for (const { 0: indent, index } of text.matchAll(/^[ \t]*\t[ \t]*(?=\S)/gm)) {
        for (const { index: within } of indent.matchAll(/\t/g))
            tabs.push(index + within);
    }
    const indenting = new Set(tabs);
    const expanded = text.replace(/\t/g, (tab, offset) => (indenting.has(offset) ? ' '.repeat(width) : tab));
    return { text: expanded, original: (offset) => originalOffset(tabs, width, offset) };
}
function originalOffset(tabs, width, offset) {
    let added = 0;
    for (const tab of tabs) {
        if (offset <= tab + added)
            break;
        if (offset < tab + added + width)
            return tab;
        added += width - 1;
    }
    return offset - added;
}
//# sourceMappingURL=tabs.js.map