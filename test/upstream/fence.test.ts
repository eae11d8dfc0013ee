import t from 'tap';
import { fence } from '../../src/upstream/fence.ts';

class User {
  readonly heard: unknown[] = [];

  step(word: string): void {
    if (word === 'fail') throw new RangeError(word);
    this.heard.push(word);
  }

  failed(error: unknown): void {
    this.heard.push(error);
  }
}

t.test(
  'E15 a step is taken with its argument; what it throws is told to who took it, and to nobody else',
  async (t) => {
    const user = new User();
    fence(user, user.step, 'one');
    fence(user, user.step, 'fail');
    fence(user, user.step, 'two');
    t.match(user.heard, ['one', RangeError, 'two']);
  },
);
