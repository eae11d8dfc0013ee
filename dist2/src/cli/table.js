import { stripVTControlCharacters } from 'node:util';
/**
 * Chooses a style: on a terminal as wide as it is, between 80 and 120 characters, coloured unless NO_COLOR is set and
 * not empty (no-color.org); anywhere else 100 characters of plain ASCII.
 */
export function styleOf(terminal, { TERM, NO_COLOR }) {
    if (terminal.isTTY !== true || TERM === 'dumb')
        return { columns: 100, unicode: false, colour: false };
    const columns = Math.min(120, Math.max(80, terminal.columns ?? 100));
    return { columns, unicode: true, colour: (NO_COLOR ?? '') === '' };
}
/**
 * Sets a table: headings, then each row with its mark and its note. Cells wrap at spaces where the width asks for it;
 * at a no-break space they do not, and it is printed as a space.
 */
export function renderTable(headings, rows, style) {
    const body = rows.map((row) => ({ ...row, cells: row.cells.map((cell) => printable(cell, style)) }));
    const widths = fit([headings, ...body.map((row) => row.cells)], style.columns - indent);
    const paint = (code, text) => (style.colour ? `\x1b[${code}m${text}\x1b[0m` : text);
    const lines = [paint(bold, ' '.repeat(indent) + pad(headings, widths))];
    for (const row of body) {
        const mark = markOf(row, style, paint);
        const wrapped = row.cells.map((cell, i) => wrap(cell, widths[i] ?? 0));
        const height = Math.max(...wrapped.map((cell) => cell.length));
        lines.push('');
        for (let y = 0; y < height; y++) {
            const line = pad(wrapped.map((cell) => cell[y] ?? ''), widths);
            lines.push((y === 0 ? `${mark} ` : ' '.repeat(indent)) + line);
        }
        for (const line of wrap(printable(row.note, style), style.columns - indent)) {
            lines.push(' '.repeat(indent) + paint(row.good === false ? red : dim, line));
        }
    }
    return `${lines.join('\n')}\n`.replaceAll(noBreak, ' ');
}
/** A text on lines of its own, indented like a table's notes and wrapped like them. */
export function paragraph(text, style, left = indent) {
    const lines = wrap(printable(text, style), style.columns - left);
    return lines.map((line) => `${' '.repeat(left)}${line}\n`.replaceAll(noBreak, ' ')).join('');
}
/** Text without control characters, and without anything but ASCII where the style says so. */
export function plain(text, style) {
    return printable(text, style).replaceAll(noBreak, ' ');
}
function printable(text, style) {
    const clean = stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
    if (style.unicode)
        return clean;
    return clean
        .replaceAll('→', '->')
        .replaceAll('…', '...')
        .replace(/[‘’]/g, "'")
        .replace(/[“”]/g, '"')
        .replace(/[^\p{ASCII}\u00a0]/gu, '?');
}
const noBreak = '\u00a0';
const indent = 3;
const gap = 2;
const bold = 1;
const dim = 2;
const green = 32;
const red = 31;
function markOf({ good }, { unicode }, paint) {
    if (good === undefined)
        return '  ';
    return good ? paint(green, unicode ? '✔ ' : 'ok') : paint(red, unicode ? '✘ ' : '!!');
}
/** Widths of the columns: what the longest cell needs, the widest ones cut until all fit. */
function fit(rows, room) {
    const columns = rows[0]?.map((_, i) => rows.map((row) => row[i] ?? '')) ?? [];
    const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
    const least = columns.map((cells) => Math.max(...cells.flatMap((cell) => cell.split(' ').map((word) => word.length))));
    const total = () => widths.reduce((sum, width) => sum + width + gap, -gap);
    while (total() > room) {
        const spare = widths.map((width, i) => (width > (least[i] ?? 0) ? width : 0));
        const widest = spare.indexOf(Math.max(...spare));
        if (spare[widest] === 0)
            break; // one long word: a line that is too long beats a word cut in two
        widths[widest] = (widths[widest] ?? 0) - 1;
    }
    return widths;
}
function pad(cells, widths) {
    return cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join(' '.repeat(gap))
        .trimEnd();
}
function wrap(text, width) {
    const lines = [];
    let line = '';
    for (const word of text.split(' ')) {
        if (line !== '' && line.length + 1 + word.length > width) {
            lines.push(line);
            line = word;
        }
        else {
            line = line === '' ? word : `${line} ${word}`;
        }
    }
    return [...lines, line];
}
//# sourceMappingURL=table.js.map