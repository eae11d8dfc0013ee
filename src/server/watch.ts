import { type FSWatcher, stat, watch } from 'node:fs';
import { basename, resolve } from 'node:path';
import { promisify } from 'node:util';
import { clock } from '../clock.ts';
import { type FileState, lookAt } from './file-state.ts';
import { type Entries, lookups } from './lookups.ts';

const statOf = promisify(stat);

/** What a {@link FileWatch} works with; each is given only by those who want to see it work. */
export interface WatchMeans {
  readonly watch?: typeof watch;
  readonly lookAt?: typeof lookAt;
  /** Milliseconds without an event before it is looked what has changed; default 200. */
  readonly quiet?: number;
  /** Milliseconds after which it is looked all the same; default 2,000. */
  readonly patience?: number;
  /** Milliseconds between looks without an event; default 10,000. */
  readonly interval?: number;
}

/** Whom a {@link FileWatch} tells. */
export interface WatchObserver {
  /** At least one file has another content than before, is there or is gone. */
  changed(): void;
  /** Something keeps changes from being noticed at once, and what to do about it. Told once. */
  troubled(text: string): void;
}

/** A folder that is watched, and those of its entries that matter. */
interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** Device and inode: another folder may take its place, and the watcher stays with the first. */
  readonly identity: string;
  names: ReadonlySet<string>;
  /** It was moved or removed itself. */
  stale: boolean;
}

/**
 * Notices when files change: by events of the folders in which they and the symbolic links to them lie, and by a look now and
 * then, for file systems that tell nothing. What counts is their content. Keeps no process alive.
 */
export class FileWatch {
  readonly #observer: WatchObserver;
  readonly #means: Required<WatchMeans>;
  readonly #states = new Map<string, FileState>();
  /** What was last said to be found. */
  #given: ReadonlyMap<string, string> = new Map();
  readonly #folders = new Map<string, WatchedFolder>();
  #timer: NodeJS.Timeout | undefined;
  /** Clock reading (ms) at which it is looked at the latest; undefined while nothing has happened. */
  #due: number | undefined;
  #looking = false;
  #troubled = false;
  #closed = false;

  constructor(observer: WatchObserver, means: WatchMeans = {}) {
    this.#observer = observer;
    this.#means = { watch, lookAt, quiet: 200, patience: 2_000, interval: 10_000, ...means };
  }

  /**
   * Watches these files from now on, and no others.
   *
   * @param found what was found of each when it was read (see `FileReader.found`): if it is different by now, that is a change
   */
  follow(found: ReadonlyMap<string, string>): void {
    const files = new Map([...found].map(([file, state]) => [resolve(file), state]));
    for (const file of this.#states.keys()) if (!files.has(file)) this.#states.delete(file);
    for (const [file, state] of files) {
      // Where both looks see the same in different words, the reader's has been heard already.
      if (this.#given.get(file) !== state) this.#states.set(file, { signature: undefined, found: state });
    }
    this.#given = files;
    this.#stir();
  }

  /** Watches nothing any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #lookIn(ms: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), ms).unref();
  }

  /** Something has happened: it is looked what, as soon as no more happens. */
  readonly #stir = (): void => {
    const now = clock();
    this.#due ??= now + this.#means.patience;
    if (!this.#looking) this.#lookIn(Math.min(this.#means.quiet, Math.max(0, this.#due - now)));
  };

  async #look(): Promise<void> {
    this.#looking = true;
    this.#due = undefined;
    // First the folders, then the files: what changes in between is heard of.
    await this.#watchFolders();
    const isChanged = await this.#compare();
    this.#looking = false;
    if (this.#closed) return;
    if (this.#due === undefined) this.#lookIn(this.#means.interval);
    else this.#stir();
    if (isChanged) this.#observer.changed();
  }

  async #compare(): Promise<boolean> {
    let isChanged = false;
    for (const [file, before] of [...this.#states]) {
      const now = await this.#means.lookAt(file, before);
      // Another one may be followed by now.
      if (this.#states.get(file) !== before) continue;
      this.#states.set(file, now);
      isChanged ||= now.found !== before.found;
    }
    return isChanged;
  }

  async #watchFolders(): Promise<void> {
    const wanted = new Map<string, Set<string>>();
    const entries: Entries = new Map();
    for (const file of this.#states.keys()) {
      for (const { folder, name } of await lookups(file, entries)) {
        wanted.set(folder, (wanted.get(folder) ?? new Set()).add(name));
      }
    }
    for (const [folder, names] of wanted) await this.#watchFolder(folder, names);
    for (const [folder, { watcher }] of this.#folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
  }

  async #watchFolder(folder: string, names: ReadonlySet<string>): Promise<void> {
    const known = this.#folders.get(folder);
    try {
      const { dev, ino } = await statOf(folder, { bigint: true });
      const identity = `${dev} ${ino}`;
      if (this.#closed) return;
      if (known !== undefined && known.identity === identity && !known.stale) {
        known.names = names;
        return;
      }
      const watched = { watcher: this.#open(folder), identity, names, stale: false };
      this.#folders.set(folder, watched);
    } catch (error) {
      this.#folders.delete(folder);
      this.#tell(folder, error as NodeJS.ErrnoException);
    }
    known?.watcher.close();
  }

  #open(folder: string): FSWatcher {
    const watcher = this.#means.watch(folder, { persistent: false }, (_event, name) => {
      const watched = this.#folders.get(folder);
      if (watched?.watcher !== watcher) return;
      // What happens to the folder itself comes under its own name.
      const isItself = name === null || name === basename(folder);
      if (isItself) watched.stale = true;
      if (isItself || watched.names.has(name)) this.#stir();
    });
    watcher.on('error', (error) => {
      watcher.close();
      const watched = this.#folders.get(folder);
      if (watched?.watcher === watcher) this.#folders.delete(folder);
      this.#tell(folder, error as NodeJS.ErrnoException);
    });
    return watcher;
  }

  /** A folder that is gone is no trouble: what is above it is watched instead. */
  #tell(folder: string, { code }: NodeJS.ErrnoException): void {
    if (this.#troubled || code === 'ENOENT' || code === 'ENOTDIR') return;
    this.#troubled = true;
    const limit = code === undefined ? undefined : limits[code];
    const remedy = limit === undefined ? '' : `; raise the limit ${limit}`;
    const seconds = this.#means.interval / 1000;
    this.#observer.troubled(
      `${folder} cannot be watched (${code}): a change is noticed within ${seconds} s, and not at once${remedy}`,
    );
  }
}

/** Of inotify(7), for a user. */
const limits: Readonly<Record<string, string>> = {
  ENOSPC: 'fs.inotify.max_user_watches',
  EMFILE: 'fs.inotify.max_user_instances',
};
