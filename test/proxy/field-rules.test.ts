import t from 'tap';
import { applyRules, unruled } from '../../src/proxy/field-rules.ts';

const none = { set: [], remove: [] };

t.test('without rules nothing is copied', async (t) => {
  const fields = ['A', '1'];
  t.equal(applyRules(fields, none), fields);
  t.equal(unruled(fields, none), fields);
});

t.test('what is set takes the place of all that had its name', async (t) => {
  const rules = { set: ['X-A', 'new', 'x-end', ''], remove: [] };
  t.strictSame(applyRules(['Host', 'h', 'x-a', '1', 'B', '2', 'X-A', '3'], rules), [
    'Host',
    'h',
    'X-A',
    'new',
    'B',
    '2',
    'x-end',
    '',
  ]);
});

t.test('what is removed goes in any case', async (t) => {
  t.strictSame(applyRules(['x-a', '1', 'B', '2', 'X-A', '3'], { set: [], remove: ['x-a', 'x-none'] }), ['B', '2']);
});

t.test('names that objects have are names like others', async (t) => {
  t.strictSame(applyRules(['constructor', '1'], { set: ['__proto__', '2'], remove: [] }), [
    'constructor',
    '1',
    '__proto__',
    '2',
  ]);
});

t.test('trailers do not bring back what a rule took away', async (t) => {
  const trailers = ['X-Sum', '1', 'x-a', '2', 'X-B', '3'];
  t.strictSame(unruled(trailers, { set: ['X-A', '0'], remove: ['x-b'] }), ['X-Sum', '1']);
  t.strictSame(unruled([], { set: [], remove: ['x-b'] }), []);
});
