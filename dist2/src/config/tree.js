import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import { interpolate } from './interpolate.js';
import { secretKey, withoutSecrets } from './source.js';
import { explain, isStructural } from './syntax.js';
/** So many nodes may come into being by aliases; a bomb of nested ones asks for millions. */
const aliasBudget = 1000;
/** Reads YAML 1.2 without giving a type to any scalar (`1.0` stays `1.0`). Throws nothing for bad text. */
export function parseTree(text, env) {
    const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, strict: true, prettyErrors: false });
    const builder = new Builder(text, document, env);
    const root = builder.build(document.contents, 0);
    const errors = [...document.errors, ...document.warnings];
    const structural = errors.filter(({ code }) => isStructural(code));
    const lineOf = ({ pos }) => text.lastIndexOf('\n', pos[0] - 1);
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
    problems = [];
    secrets = [];
    #text;
    #document;
    #env;
    #aliased = 0;
    #aliasDepth = 0;
    constructor(text, document, env) {
        this.#text = text;
        this.#document = document;
        this.#env = env;
    }
    /** @param offset where the node would stand if there is none */
    build(node, offset) {
        if (isAlias(node))
            return this.#follow(spanOf(node, offset).offset, node.resolve(this.#document));
        if (this.#aliasDepth > 0)
            this.#aliased += 1;
        if (isMap(node))
            return this.#map(node.items, spanOf(node, offset));
        if (isSeq(node))
            return this.#list(node.items, spanOf(node, offset));
        return this.#scalar(isScalar(node) ? String(node.value) : '', spanOf(node, offset));
    }
    #follow(offset, node) {
        if (node === undefined)
            return this.#unusable(offset, 'no anchor of this name stands above');
        if (this.#aliased >= aliasBudget)
            return this.#unusable(offset, 'aliases repeat too much; write it out');
        this.#aliasDepth += 1;
        this.#aliased += 1;
        const tree = this.build(node, offset);
        this.#aliasDepth -= 1;
        return tree;
    }
    #unusable(offset, message) {
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
    #map(pairs, span) {
        const entries = [];
        const seen = new Set();
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
            if (secretKey.test(key))
                this.#hide(value);
            entries.push({ key, keyOffset, value });
        }
        return { kind: 'map', entries, ...span };
    }
    #hide(value) {
        if (value.kind === 'map' && value.entries.every(({ key }) => key === 'env' || key === 'file'))
            return;
        if (value.kind === 'scalar' && value.referencesOnly)
            return;
        this.secrets.push({ offset: value.offset, end: value.end });
    }
    #list(items, span) {
        return { kind: 'list', items: items.map((item) => this.build(item, span.offset)), ...span };
    }
    #scalar(written, span) {
        const { text, problems, replaced, referencesOnly } = interpolate(written, this.#env);
        const raw = this.#text.slice(span.offset, span.end);
        const shift = raw.startsWith(written) ? 0 : raw.slice(1).startsWith(written) ? 1 : Number.NaN;
        for (const { index, message } of problems) {
            this.problems.push({ offset: span.offset + (Number.isNaN(shift) ? 0 : shift + index), message });
        }
        return { kind: 'scalar', text: problems.length > 0 ? undefined : text, written, replaced, referencesOnly, ...span };
    }
}
function spanOf(node, offset) {
    const range = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range : undefined;
    return { offset: range?.[0] ?? offset, end: range?.[1] ?? offset };
}
//# sourceMappingURL=tree.js.map