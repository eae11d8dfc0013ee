import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** Units of proc(5)'s times in a second. */
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU time that a process and its descendants have used, their own and the kernel's for them, in seconds. */
export async function cpuTime(pid: number): Promise<number> {
  const own = await statOf(pid);
  const children = await childrenOf(pid);
  const times = await Promise.all(children.map(cpuTime));
  return own + times.reduce((sum, each) => sum + each, 0);
}

async function statOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  // The second field, the name, may hold anything but ends with the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) =>
      readFile(`/proc/${pid}/task/${task}/children`, 'latin1').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return ''; // a thread that has ended since it was listed
        throw error;
      }),
    ),
  );
  return lists.flatMap((list) => list.trim().split(/\s+/).filter(Boolean).map(Number));
}
