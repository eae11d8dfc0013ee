import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProcessOptions, Result } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';

/** Where `run.sh` mounted the image's root. */
export const root = wanted('IMAGE_ROOT');

/** What the image says of how it is run; see the image specification of Docker. */
export const image = (
  JSON.parse(readFileSync(wanted('IMAGE_JSON'), 'utf8')) as {
    readonly Docker: {
      readonly config: {
        readonly User: string;
        readonly Env: readonly string[];
        readonly Entrypoint: readonly string[];
        readonly Cmd: readonly string[];
        readonly StopSignal: string;
        readonly Healthcheck: { readonly Test: readonly string[] };
      };
    };
  }
).Docker.config;

function wanted(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run this by \`npm run test:image\``);
  return value;
}

/** A way to run the image: for `runProxy`, whose folder is mounted where the image expects its configuration. */
export interface Container extends Pick<ProcessOptions, 'launch'> {
  /** Runs a program beside the running one, as `docker exec` and a health check do. */
  exec(args: readonly string[]): Pick<Result, 'code' | 'stdout' | 'stderr'>;
  /** Sends a signal to the first process of the container. */
  kill(signal: string): void;
}

/**
 * A container of the image as a strict operator runs it: uid 12345, root file system and configuration read-only, no
 * capabilities, no new privileges, no place for temporary files; in its own namespaces but for the network.
 */
export function container(t: Scope): Container {
  const id = `mtls-proxy-${randomBytes(6).toString('hex')}`;
  const bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
  const state = join(bundle, 'state');
  mkdirSync(state);
  const crun = ['crun', '--cgroup-manager=disabled', '--root', state];
  t.teardown(() => {
    execFileSync('crun', [...crun.slice(1), 'delete', '--force', id], { stdio: 'ignore' });
    rmSync(bundle, { recursive: true, force: true });
  });
  return {
    launch(argv) {
      const file = argv.at(-1) ?? '';
      // As an operator gives it the files: its own user's, for keys are readable by their owner only.
      execFileSync('chown', ['-R', '12345', dirname(file)]);
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(specification(dirname(file))));
      return [...crun, 'run', '--bundle', bundle, id];
    },
    exec(args) {
      try {
        const user = ['--user', '12345:12345'];
        const stdout = execFileSync('crun', [...crun.slice(1), 'exec', ...user, id, ...args], {
          encoding: 'utf8',
          stdio: 'pipe',
        });
        return { code: 0, stdout, stderr: '' };
      } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
        return { code: status, stdout, stderr };
      }
    },
    kill: (signal) => void execFileSync('crun', [...crun.slice(1), 'kill', id, signal]),
  };
}

/** The OCI runtime specification's `config.json`. */
function specification(configuration: string): object {
  const none = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
  const mount = (destination: string, type: string, source: string, options: readonly string[]): object => ({
    destination,
    type,
    source,
    options,
  });
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 12345, gid: 12345 },
      args: [...image.Entrypoint, ...image.Cmd],
      env: image.Env,
      cwd: '/',
      capabilities: none,
      noNewPrivileges: true,
      rlimits: [{ type: 'RLIMIT_CORE', hard: 0, soft: 0 }],
    },
    root: { path: root, readonly: true },
    mounts: [
      mount('/proc', 'proc', 'proc', ['nosuid', 'noexec', 'nodev']),
      mount('/dev', 'tmpfs', 'tmpfs', ['nosuid', 'noexec', 'mode=755', 'size=64k', 'ro']),
      mount('/etc/mtls-proxy', 'bind', configuration, ['bind', 'ro', 'nosuid', 'nodev', 'noexec']),
    ],
    linux: {
      namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })),
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}
