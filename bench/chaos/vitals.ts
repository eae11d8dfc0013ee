import { readFile } from 'node:fs/promises';
import { send } from '../../test/fixtures/client.ts';
import type { Proxy as RunningProxy } from '../../test/fixtures/proxy.ts';
import { descriptors, measured, resident, settled } from '../../test/fixtures/vitals.ts';
import { type Held, vitalsFile } from './preload.ts';

/** What a quiet proxy has. */
export interface Vitals {
  /** Open descriptors by kind: `socket`, `pipe`, a path. */
  readonly descriptors: ReadonlyMap<string, number>;
  /** TCP addresses that it listens on. */
  readonly listeners: number;
  /** Active handles and timers by type. */
  readonly resources: ReadonlyMap<string, number>;
  /**
   * Bytes alive after a collection: V8's heap, and what hangs on it outside, without compiled code. Of that V8 makes more as
   * long as it finds something to make faster, and the more often it has to give up what it assumed.
   */
  readonly alive: number;
  /** Bytes of compiled code. */
  readonly code: number;
  /** Resident memory, in bytes. */
  readonly resident: number;
}

/** The environment of a proxy whose vitals are to be taken. @param file where it may write */
export function watched(file: string): Record<string, string> {
  const preload = new URL('preload.js', import.meta.url).href;
  return { NODE_OPTIONS: `${measured['NODE_OPTIONS']} --import ${preload}`, [vitalsFile]: file };
}

/** Has the proxy collect its garbage, and looks at what is left. @param file as given to {@link watched} */
export async function vitals({ pid, signal }: RunningProxy, file: string): Promise<Vitals> {
  const before = (await read(file))?.n ?? 0;
  signal('SIGUSR2');
  const held = await settled(
    () => read(file),
    (one) => one !== undefined && one.n > before,
    60_000,
  );
  if (held === undefined || held.n === before) throw new Error('the proxy did not tell what it holds');
  const open = await descriptors(pid);
  return {
    descriptors: counted(open.map((name) => name.replace(/:\[.*/, ''))),
    listeners: await listeners(open),
    // Requests to the file system belong to the look that is taken at the configuration's files now and then.
    resources: counted(held.resources.filter((type) => !type.startsWith('FSReq'))),
    alive: held.memory.heapUsed + held.memory.external - held.code,
    code: held.code,
    resident: await resident(pid),
  };
}

/** Waits until the pools have no connection, for a minute at most. @returns what is left then, as the metrics tell it */
export function quiet({ admin }: RunningProxy): Promise<string[]> {
  const busy = async (): Promise<string[]> =>
    (await samples(admin, 'mtls_proxy_upstream_connections'))
      .filter(({ value }) => value !== 0)
      .map(({ text }) => text);
  return settled(busy, (left) => left.length === 0, 60_000);
}

/** A sample of the metrics. */
export interface Sample {
  /** The line that tells it. */
  readonly text: string;
  readonly value: number;
}

/** The samples of one metric. */
export async function samples(admin: string, name: string): Promise<Sample[]> {
  const text = (await send(`${admin}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.map((line) => ({ text: line, value: Number(line.slice(line.lastIndexOf(' '))) }));
}

async function read(file: string): Promise<Held | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Held;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of the sockets given, those that the kernel has as listening (state 0A of proc_net_tcp(5)). */
async function listeners(open: readonly string[]): Promise<number> {
  const inodes = new Set(open.map((name) => /^socket:\[(\d+)\]$/.exec(name)?.[1]));
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'latin1')));
  const rows = tables.flatMap((table) => table.trim().split('\n').slice(1)).map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode)).length;
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
