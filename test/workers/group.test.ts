import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type Forked, WorkerGroup, type WorkerProcess } from '../../src/workers/group.ts';
import { Line } from '../../src/workers/line.ts';
import { Journal } from '../fixtures/journal.ts';
import { wires } from '../fixtures/wires.ts';

/** What a configuration is to these workers: a number, of which they take on the one that is there when they are asked. */
interface Files {
  now: number;
}

/** A worker without a process. */
class Fake {
  /** What it serves by. */
  serves = 0;
  /** What it answers to `replace`, instead of taking on what is there. */
  answer: (() => unknown) | undefined;
  readonly forked: Forked & { readonly line: Line; readonly ready: Promise<void> };
  /** It hears from now on what is said to it. */
  begin!: () => void;
  end!: (how: string) => void;

  constructor(pid: number, files: Files) {
    const { ends, close } = wires();
    // As a process does: it reads what is there when it is started.
    const read = files.now;
    new Line(ends[1], {
      start: () => {
        this.serves = read;
        return { started: pid };
      },
      replace: () => {
        if (this.answer !== undefined) return this.answer();
        this.serves = files.now;
        return { took: files.now };
      },
    });
    const exited = new Promise<string>((resolve) => {
      this.end = (how) => {
        close();
        resolve(how);
      };
    });
    const ready = new Promise<void>((resolve) => (this.begin = resolve));
    this.forked = { pid, exited, kill: () => this.end('SIGKILL'), line: new Line(ends[0], {}), ready };
  }
}

/** A group of two that serves by configuration 1. */
async function start(t: Test) {
  const files: Files = { now: 1 };
  const fakes = new Journal<Fake>('worker');
  let hold = false;
  const lost: number[] = [];
  const group = new WorkerGroup(2, {
    fork: (): WorkerProcess => {
      const fake = new Fake(fakes.length + 1, files);
      fakes.push(fake);
      if (!hold) fake.begin();
      return fake.forked;
    },
    lost: (pid) => void lost.push(pid),
    known: () => [],
    accept: (answer) => {
      if (typeof answer !== 'object' || answer === null || 'refused' in answer) throw new Error('refused');
    },
  });
  await group.start();
  t.teardown(() => {
    const stopped = group.stop('stop', 0, 0);
    for (const fake of fakes.all()) fake.end('SIGKILL');
    return stopped;
  });
  const pids = () => group.workers.map(({ pid }) => pid);
  const until = async (count: number) => {
    while (group.workers.length !== count) await turn();
  };
  return { group, files, fakes, lost, pids, until, holdNext: () => (hold = true) };
}

t.test('one that is being started while the others take on something new takes it on as well', async (t) => {
  const { group, files, fakes, until, holdNext } = await start(t);
  holdNext();
  fakes.at(0).end('SIGKILL');
  await fakes.reach(3);
  const late = fakes.at(2);
  files.now = 2;
  t.same(await group.roll('replace'), { took: 2 });
  t.equal(fakes.at(1).serves, 2);
  late.begin();
  await until(2);
  t.equal(late.serves, 2, 'though it had read what was there before');
});

t.test('one that comes to serve in the midst of it does so too', async (t) => {
  const { group, files, fakes, pids, until, holdNext } = await start(t);
  holdNext();
  fakes.at(0).end('SIGKILL');
  await fakes.reach(3);
  files.now = 2;
  let answer!: (value: unknown) => void;
  fakes.at(1).answer = () => new Promise((resolve) => (answer = resolve));
  const rolled = group.roll('replace');
  while (answer === undefined) await turn();
  fakes.at(2).begin();
  await until(2);
  answer({ took: 2 });
  await rolled;
  t.same(pids(), [2, 3]);
  t.equal(fakes.at(2).serves, 2);
});

t.test('what the first one refuses, no other is asked', async (t) => {
  const { group, files, fakes, pids } = await start(t);
  files.now = 2;
  fakes.at(0).answer = () => ({ refused: { code: 'EADDRINUSE' } });
  await t.rejects(group.roll('replace'), { message: 'refused' });
  t.equal(fakes.at(1).serves, 1);
  t.same(pids(), [1, 2]);
});

t.test('another one that refuses is replaced by one that begins with what is new', async (t) => {
  const { group, files, fakes, lost, pids, until } = await start(t);
  files.now = 2;
  fakes.at(1).answer = () => ({ refused: { code: 'EADDRINUSE' } });
  await group.roll('replace');
  await until(1);
  await until(2);
  t.same(lost, [2]);
  t.same(pids(), [1, 3]);
  t.equal(fakes.at(2).serves, 2);
});

t.test('if the first one dies of it, the next one is asked', async (t) => {
  const { group, files, fakes } = await start(t);
  files.now = 2;
  fakes.at(0).answer = () => {
    fakes.at(0).end('SIGKILL');
    return new Promise(() => undefined);
  };
  t.same(await group.roll('replace'), { took: 2 });
  t.equal(fakes.at(1).serves, 2);
});

t.test('where none is left to be asked, that is said', async (t) => {
  const { group, fakes, until, holdNext } = await start(t);
  holdNext();
  fakes.at(0).end('SIGKILL');
  fakes.at(1).end('SIGKILL');
  await until(0);
  await t.rejects(group.roll('replace'), { message: /no worker serves/ });
});

t.test('one that is being started does not hold up the end', async (t) => {
  const { group, fakes, holdNext } = await start(t);
  holdNext();
  fakes.at(0).end('SIGKILL');
  await fakes.reach(3);
  const stopped = group.stop('stop', 0, 60_000);
  fakes.at(1).end('0');
  t.same((await stopped).answers, []);
  t.equal(await fakes.at(2).forked.exited, 'SIGKILL');
});

t.test('if a further one cannot start, none is left', async (t) => {
  const files: Files = { now: 1 };
  const fakes: Fake[] = [];
  const group = new WorkerGroup(3, {
    fork: () => {
      const fake = new Fake(fakes.length + 1, files);
      fakes.push(fake);
      if (fakes.length === 2) fake.end('1');
      if (fakes.length < 2) fake.begin();
      return fake.forked;
    },
    lost: () => t.fail('nobody takes its place'),
    known: () => [],
    accept: () => undefined,
  });
  await t.rejects(group.start(), { message: 'the other process is gone' });
  t.same(await Promise.all(fakes.map(({ forked }) => forked.exited)), ['SIGKILL', '1', 'SIGKILL']);
});
