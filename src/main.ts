#!/usr/bin/env node
import { createRequire } from 'node:module';

// src/cli/program.ts, as scripts/bundle.mjs puts it together with all below it. One file is loaded in half the time of some
// 300, and not as an ECMAScript module: for one, Node makes a list of all that node:http exports, and loads undici for it.
const { command, processIo }: typeof import('./cli/program.ts') = createRequire(import.meta.url)('./cli/program.cjs');

process.exitCode = await command(process.argv.slice(2), processIo());
