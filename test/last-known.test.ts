import t from 'tap';
import { lastKnown } from '../src/last-known.ts';

t.test('what was asked last is not worked out again, and nothing else is kept', async (t) => {
  const asked: string[] = [];
  const lengthOf = lastKnown((text) => {
    asked.push(text);
    return text.length;
  });
  const answers = ['', 'a.test', 'a.test', 'b.test:80', 'a.test', ''].map(lengthOf);
  t.same(answers, [0, 6, 6, 9, 6, 0]);
  t.same(asked, ['', 'a.test', 'b.test:80', 'a.test', '']);
});
