import cluster from 'node:cluster';
import { version } from '../installation.ts';
import type { Logger } from '../log.ts';
import type { Sound } from '../server/prepare.ts';
import type { Forked } from '../workers/group.ts';
import type { Message, Wire } from '../workers/line.ts';
import { Primary } from '../workers/primary.ts';
import { sizeOf, workerMark } from '../workers/size.ts';
import { obey } from '../workers/worker.ts';
import type { Io } from './io.ts';

/** Starts the primary with its workers, which are this command once more. @throws ListenError */
export async function startPrimary(sound: Sound, logger: Logger, io: Io): Promise<Primary> {
  const fork = () => forkWorker({ ...io.env, [workerMark]: '1' });
  const warn = (text: string): void => void io.stderr.write(`mtls-proxy: ${text}\n`);
  const primary = new Primary({ size: sizeOf(sound.config), sound, logger, warn, fork });
  await primary.start();
  return primary;
}

/** Serves as a worker of the process that has started this one. @returns whether all that ran could finish */
export async function serveAsWorker(file: string, sound: Sound, logger: Logger, io: Io): Promise<boolean> {
  const { worker } = cluster;
  if (worker === undefined) throw new Error(`${workerMark} is set, and nobody has started this process as a worker`);
  const wire: Wire = {
    send: (message) => void worker.send(message),
    onMessage: (take) => worker.on('message', take),
    onClose: (react) => worker.on('disconnect', react),
  };
  try {
    const { env, forget, stopped } = io;
    return await obey(wire, { file, env, forget, sound, logger, version: version(), stopped });
  } finally {
    leave();
  }
}

/** Ends a worker's bond with its primary, which would keep the process alive. */
export function leave(): void {
  cluster.worker?.disconnect();
}

/**
 * Workers take connections themselves, off one queue. Dealt out by the primary, those that it gives to a worker that is being
 * killed would hang: it hears of no answer, and keeps them open.
 */
cluster.schedulingPolicy = cluster.SCHED_NONE;

function forkWorker(env: NodeJS.ProcessEnv): Forked & { readonly wire: Wire } {
  const worker = cluster.fork(env);
  // A message crosses with its end, which is told by `exit`.
  worker.on('error', () => undefined);
  return {
    pid: worker.process.pid as number,
    wire: {
      send: (message) => void (worker.isConnected() && worker.send(message)),
      onMessage: (take) => worker.on('message', (message: Message) => take(message)),
      onClose: (react) => worker.on('disconnect', react),
    },
    exited: new Promise((resolve) => worker.once('exit', (code, signal) => resolve(signal ?? code))),
    kill: () => worker.process.kill('SIGKILL'),
  };
}
