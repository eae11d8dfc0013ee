/**
 * The lines a person reads: `FILE:LINE:COL: message`, the source line and a caret below the column.
 * Tabs of the source line are repeated before the caret, so that it stands right at every tab width.
 */
export function render(diagnostic) {
    const { severity, file, line, column, message, source } = diagnostic;
    const head = `${file}:${line}:${column}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
    if (source === '')
        return head;
    const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
    return `${head}\n${source}\n${indent}^`;
}
/** Order by place, for `Array.prototype.sort`; errors before warnings at the same place. */
export function byPlace(a, b) {
    return a.line - b.line || a.column - b.column || a.severity.localeCompare(b.severity);
}
//# sourceMappingURL=diagnostic.js.map