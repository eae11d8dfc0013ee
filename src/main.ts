#!/usr/bin/env node
import { createRequire } from 'node:module';

type Program = typeof import('./cli/program.ts');

interface Transferable extends ArrayBuffer {
  /** ECMAScript 2024; Node 22 and later have it. */
  transfer?(length: number): ArrayBuffer;
}

const require = createRequire(import.meta.url);
// Imported, each would have Node make a list of all that it exports, and load what only some of that needs.
const { readFileSync } = require('node:fs') as typeof import('node:fs');
const { Script } = require('node:vm') as typeof import('node:vm');

// src/cli/program.ts, as scripts/bundle.mjs puts it together with all below it. One file is loaded in half the time of some
// 300, and not as an ECMAScript module: for one, Node makes a list of all that node:http exports, and loads undici for it.
const file = require.resolve('./cli/program.cjs');
const cachedData = process.sourceMapsEnabled ? undefined : codeCache();
const { command, processIo } = cachedData === undefined ? (require(file) as Program) : compiled(cachedData);

process.exitCode = await command(process.argv.slice(2), processIo());

/** What scripts/code-cache.mjs has put beside the program, where this very Node has built it. */
function codeCache(): Buffer | undefined {
  try {
    return readFileSync(`${file}-${process.version}-${process.arch}.cache`);
  } catch {
    return undefined;
  }
}

/** As `require`, with the compiler's work of another time: a third less of a start. V8 does it anew where that is of no use. */
function compiled(cachedData: Buffer): Program {
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
  // It has been read, and is a MiB that the collector would leave for long. A short one, of no use, shares its memory.
  const memory = cachedData.buffer as Transferable;
  if (memory.byteLength === cachedData.length) memory.transfer?.(0);
  const module = { exports: {} as Program };
  script.runInThisContext()(module.exports, createRequire(file), module, file);
  return module.exports;
}
