import t from 'tap';
import { parseTree } from '../../src/config/tree.js';
/** The tree as plain values. */
function plain(tree) {
    if (tree.kind === 'scalar')
        return tree.text;
    if (tree.kind === 'list')
        return tree.items.map(plain);
    return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plain(value)]));
}
const parse = (text, env = {}) => parseTree(text, env);
const messages = (text, env = {}) => {
    const { syntax, problems } = parse(text, env);
    return [...syntax, ...problems].map(({ offset, message }) => `${offset} ${message}`);
};
t.test('scalars are their text, whatever type they look like', async (t) => {
    t.same(plain(parse('a: [1.0, 0660, no, ~, "q", \'r\', 1e3]\nb:\nc: |\n  x\n').root), {
        a: ['1.0', '0660', 'no', '~', 'q', 'r', '1e3'],
        b: '',
        c: 'x\n',
    });
    t.same(plain(parse('').root), '');
    t.same(plain(parse('{a}').root), { a: '' });
});
t.test('nodes know their place', async (t) => {
    const { root } = parse('a: b\nc: [d]');
    t.match(root, {
        offset: 0,
        entries: [
            { keyOffset: 0, value: { offset: 3, end: 4 } },
            { keyOffset: 5, value: { offset: 8, items: [{ offset: 9, end: 10 }] } },
        ],
    });
});
t.test('references are replaced in values, never in keys', async (t) => {
    const { root, problems } = parse('${A}: ${A}\nb: "${A}"', { A: 'x' });
    t.same(plain(root), { '${A}': 'x', b: 'x' });
    t.same(problems, []);
});
t.test('an unset reference is named where it stands', async (t) => {
    t.match(messages('a: x${B}'), [/^4 .*B is not set/]);
    t.match(messages('a: "x${B}"'), [/^5 .*B is not set/]);
    t.match(messages('a: "\\t${B}"'), [/^3 .*B is not set/], 'at the scalar, where escapes shift it');
    t.equal(plain(parse('${B}').root), undefined);
});
t.test('aliases', async (t) => {
    t.same(plain(parse('a: &x [1]\nb: *x').root), { a: ['1'], b: ['1'] });
    t.same(messages('a: *x'), ['3 no anchor of this name stands above']);
});
t.test('a bomb of aliases is refused', async (t) => {
    const levels = Array.from({ length: 20 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`)}]`);
    const found = messages(['l0: &l0 [x]', ...levels].join('\n'));
    t.match(found[0], /aliases repeat too much/);
    t.match(messages('a: &a [*a]')[0], /aliases repeat too much/, 'one that contains itself too');
});
t.test('a key that is written twice or is no word', async (t) => {
    t.same(messages('a: 1\nb: 2\na: 3\na: 4'), [
        '10 "a" is written twice in this map',
        '15 "a" is written twice in this map',
    ]);
    t.same(messages('? [x]\n: 1'), ['2 a key must be a plain word']);
    t.same(messages('? \n: 1'), []);
});
t.test('syntax errors', async (t) => {
    const cases = {
        'a: [1\nb: 2': /^6 this line is indented too little/,
        'a: "b': /a closing quote or bracket/,
        'a: 1\n b: 2': /^3 a nested map or list is not possible here/,
        'a: @b': /^3 a value that begins with this character/,
        'a: "\\q"': /^4 this escape is unknown/,
        'a: "b" c': /^7 this does not belong here/,
        'a: 1\n---\nb: 2': /^5 the file must be one YAML document/,
        'a: !foo b': /^3 tags have no meaning/,
        '%X\n---\na: b': /^0 directives have no meaning/,
        'a:\n\tb: c': /^3 a tab cannot indent/,
        'a: &x *y': /not valid YAML \(BAD_ALIAS\)|anchor|YAML/,
    };
    for (const [text, message] of Object.entries(cases))
        t.match(messages(text)[0], message, JSON.stringify(text));
});
t.test('errors that follow from one are not told', async (t) => {
    t.equal(parse('a: 1\n b: 2').syntax.length, 1);
    t.equal(parse('a: 1\n b: 2').brokenFrom, 3);
    t.equal(parse('a: @b').brokenFrom, Number.POSITIVE_INFINITY, 'some leave the structure whole');
    t.same(parse('a:\n\tb: c\n\td: e').tabs, [3, 9]);
});
t.test('where secrets stand', async (t) => {
    const at = (text, env = {}) => parse(text, env).secrets.map(({ offset, end }) => text.slice(offset, end));
    t.same(at('passphrase: abc'), ['abc']);
    t.same(at('passphrase: [abc]'), ['[abc]']);
    t.same(at('passphrase: { value: abc }'), ['{ value: abc }']);
    t.same(at('passphrase: { env: abc }'), []);
    t.same(at('passphrase: ${A}', { A: 'x' }), []);
    t.same(at('passphrase: ${A}x', { A: 'x' }), ['${A}x']);
    t.same(at('x: &p abc\npassphrase: *p').includes('abc'), true);
});
//# sourceMappingURL=tree.test.js.map