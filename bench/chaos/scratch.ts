import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '../../test/fixtures/teardown.ts';

/** A directory of one's own, which is removed in the end. */
export async function scratch(scope: Scope): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'chaos-'));
  scope.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
