/** Edits (insert, delete, replace, swap of neighbours) that make one word of the other; case counts nothing. */
export function distance(one, other) {
    const [a, b] = [one.toLowerCase(), other.toLowerCase()];
    let before = [];
    let last = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i += 1) {
        const row = [i];
        for (let j = 1; j <= b.length; j += 1) {
            const same = a[i - 1] === b[j - 1];
            const edits = [at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1)];
            if (!same && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
                edits.push(at(before, j - 2) + 1);
            row.push(Math.min(...edits));
        }
        [before, last] = [last, row];
    }
    return at(last, b.length);
}
/** Every index asked for is inside the row. */
const at = (row, index) => row[index];
/** The known word a person most likely meant, or undefined when none is near (more than a third of it differs). */
export function nearest(word, known) {
    const ranked = known
        .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
        .filter(({ candidate, edits }) => edits <= Math.max(1, Math.ceil(candidate.length / 3)))
        .sort((a, b) => a.edits - b.edits);
    return ranked[0]?.candidate;
}
//# sourceMappingURL=nearest.js.map