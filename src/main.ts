#!/usr/bin/env node
import { fileURLToPath } from 'node:url';

type Program = typeof import('./cli/program.ts');

interface Transferable extends ArrayBuffer {
  /** ECMAScript 2024; Node 22 and later have it. */
  transfer?(length: number): ArrayBuffer;
}

// Imported, each would have Node make a list of all that it exports, and load what only some of that needs. Node 20.16 and 22.3 have
// this function; `createRequire` would make all ready besides that looks for files.
const builtin = (process.getBuiltinModule ?? (await requireHere())) as NodeJS.Require;
const { readFileSync } = builtin('node:fs') as typeof import('node:fs');
const { Script } = builtin('node:vm') as typeof import('node:vm');

// src/cli/program.ts, as scripts/bundle.mjs puts it together with all below it. One file is loaded in half the time of some
// 300, and not as an ECMAScript module: for one, Node makes a list of all that node:http exports, and loads undici for it.
const file = fileURLToPath(new URL('./cli/program.cjs', import.meta.url));
const cachedData = process.sourceMapsEnabled ? undefined : codeCache();
const { command, processIo } =
  cachedData === undefined ? ((await requireHere())(file) as Program) : compiled(cachedData);

process.exitCode = await command(process.argv.slice(2), processIo());

async function requireHere(): Promise<NodeJS.Require> {
  const { createRequire } = await import('node:module');
  return createRequire(import.meta.url);
}

/** What scripts/code-cache.mjs has put beside the program, where this very Node has built it. */
function codeCache(): Buffer | undefined {
  try {
    return readFileSync(`${file}-${process.version}-${process.arch}.cache`);
  } catch {
    return undefined;
  }
}

/** What the program asks by: for Node's own modules, and for the files that scripts/bundle.mjs puts beside it. */
function require(id: string): unknown {
  if (!id.startsWith('./')) return builtin(id);
  const { createRequire } = builtin('node:module') as typeof import('node:module');
  return createRequire(file)(id);
}

/** As `require`, with the compiler's work of another time: a third less of a start. V8 does it anew where that is of no use. */
function compiled(cachedData: Buffer): Program {
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
  // It has been read, and is a MiB that the collector would leave for long. A short one, of no use, shares its memory.
  const memory = cachedData.buffer as Transferable;
  if (memory.byteLength === cachedData.length) memory.transfer?.(0);
  const module = { exports: {} as Program };
  script.runInThisContext()(module.exports, require, module, file);
  return module.exports;
}
