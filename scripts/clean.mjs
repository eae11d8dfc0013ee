// Removes what the last build left, so that no file of a deleted source stays behind.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
