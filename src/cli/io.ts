/** What a command touches outside itself; the only way from a command to the process. */
export interface Io {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** As it was at the start. */
  readonly env: NodeJS.ProcessEnv;
  /** Takes variables out of the process's own environment: what reports on the process would show them. */
  forget(variables: readonly string[]): void;
  /** Calls at each SIGHUP from now on, which ends the process otherwise. On Windows it always does. */
  onHangup(react: () => void): void;
  /** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly stopped: Promise<void>;
  /** Aborts at the same moment. */
  readonly signal: AbortSignal;
}

/** Ties a command to this process. */
export function processIo(): Io {
  const controller = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
      asked = true;
      controller.abort();
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    // Node would open its inspector, to every user of the machine, with the private keys behind it.
    process.on('SIGUSR1', () => undefined);
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: { ...process.env },
    forget: (variables) => {
      for (const name of variables) delete process.env[name];
    },
    onHangup: (react) => {
      if (process.platform !== 'win32') process.on('SIGHUP', react);
    },
    stopped,
    signal: controller.signal,
  };
}
