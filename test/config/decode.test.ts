import t from 'tap';
import * as v from 'valibot';
import { decode } from '../../src/config/decode.ts';
import { boolean, secret, word } from '../../src/config/kinds.ts';
import { parseTree } from '../../src/config/tree.ts';

const inner = v.object({ one: v.optional(boolean, 'true'), other: v.exactOptional(word('x', 'y')) });
const schema = v.object({
  flag: boolean,
  inner: v.optional(inner, {}),
  many: v.exactOptional(v.union([word('x', 'y'), v.pipe(v.array(word('x', 'y')), v.minLength(1), v.title('a list'))])),
  list: v.exactOptional(v.pipe(v.array(boolean), v.title('a list'))),
  named: v.exactOptional(v.pipe(v.record(word('a', 'b'), boolean), v.title('a map of flags'))),
  passphrase: v.exactOptional(v.union([secret, v.object({ env: v.exactOptional(word('A')) })])),
});

function run(text: string, env = {}) {
  const problems: string[] = [];
  const output = decode(schema, parseTree(text, env).root, (offset, message, kind = 'error') =>
    problems.push(`${offset} ${kind} ${message}`),
  );
  return { output, problems };
}

t.test('what is written is read, defaults are not put in', async (t) => {
  t.same(run('flag: true\ninner: { one: false }\nmany: [x, y]'), {
    output: { flag: true, inner: { one: false }, many: ['x', 'y'] },
    problems: [],
  });
  t.same(run('flag: true\nmany: x\nlist: []').output, { flag: true, many: 'x', list: [] });
  t.same(run('flag: true\ninner:').output, { flag: true, inner: {} }, 'nothing is an empty map');
});

t.test('a map whose keys are the user’s is a list of pairs', async (t) => {
  const named = (text: string) => run(`flag: true\nnamed: ${text}`);
  t.same(named('{ b: true, a: false }').output?.named, [
    ['b', true],
    ['a', false],
  ]);
  t.same(named('').output?.named, []);
  t.same(named('[]').problems, ['18 error "named" must be a map of flags, not a list']);
  t.same(named('{ c: true, a: hunter2 }'), {
    output: { flag: true, named: [] },
    problems: [
      '20 error each key of "named" must be one of a, b',
      '32 error "a" must be true or false, not what is written',
    ],
  });
});

t.test('what comes from the environment has every type too', async (t) => {
  t.same(run('flag: ${F}', { F: 'false' }).output, { flag: false });
});

t.test('a wrong value is told with what was expected and found', async (t) => {
  const cases = {
    'flag: yes': '6 error "flag" must be true or false, not "yes"',
    'flag:': '5 error "flag" must be true or false, not nothing',
    'flag: [a]': '6 error "flag" must be true or false, not a list',
    'flag: { a: b }': '6 error "flag" must be true or false, not a map',
    'flag: ${F}': '6 error "flag" must be true or false, not what "${F}" stands for',
    [`flag: ${'z'.repeat(70)}`]: `6 error "flag" must be true or false, not "${'z'.repeat(60)}…"`,
    'inner: 1\nflag: true': '7 error "inner" must be a map of one, other, not "1"',
    'list: 1\nflag: true': '6 error "list" must be a list, not "1"',
    'many: [z]\nflag: true': '7 error each item of "many" must be one of x, y, not "z"',
    'many: []\nflag: true': '6 error "many" needs at least one item',
    'many: {}\nflag: true': '6 error "many" must be one of x, y or a list, not a map',
    'passphrase: { env: hunter2 }\nflag: true': '19 error "env" must be one of A, not what is written',
    'passphrase: { hunter2: 1 }\nflag: true': '14 error unknown key; known here: env',
    '- a': '0 error the file must be a map of flag, inner, many, list, named, passphrase, not a list',
  };
  for (const [text, problem] of Object.entries(cases)) t.same(run(text, { F: 'hunter2' }).problems, [problem], text);
});

t.test('B14 credentials of a URL without its scheme are not shown, whatever words and signs they hold', async (t) => {
  for (const written of [
    'u:hunter2@h:1',
    'u:mysecret1@h:1',
    'u:hunter/2@h:1',
    'u:hunter:2@2@h:1',
    'http:/u:hunter2@h:1',
  ])
    t.same(run(`flag: ${written}`).problems, ['6 error "flag" must be true or false, not "***@h:1"'], written);
});

t.test('what is already reported is not reported again', async (t) => {
  t.same(run('flag: ${NONE}'), { output: {}, problems: [] });
});

t.test('an item that cannot be read keeps its place', async (t) => {
  t.same(run('flag: true\nlist: [true, x, false]').output, { flag: true, list: [true, undefined, false] });
});

t.test('every unknown key is told, with the nearest that is known', async (t) => {
  t.same(run('flag: true\nflagg: 1\none: 2\nnonsense: 3\n__proto__: 4\ninner: { otter: x }').problems, [
    '11 error unknown key "flagg", did you mean "flag"?',
    '20 error unknown key "one"; it belongs into "inner"',
    '27 error unknown key "nonsense"; known here: flag, inner, many, list, named, passphrase',
    '39 error unknown key "__proto__"; known here: flag, inner, many, list, named, passphrase',
    '61 error unknown key "otter", did you mean "other"?',
  ]);
});

t.test('a missing key is told at the map around it', async (t) => {
  t.same(run('inner: {}').problems, ['0 absence "flag" is missing; it must be true or false']);
  t.same(run('').problems, ['0 absence "flag" is missing; it must be true or false']);
});
