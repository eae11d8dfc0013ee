#!/usr/bin/env node
import { command } from './cli/command.ts';
import { processIo } from './cli/io.ts';

process.exitCode = await command(process.argv.slice(2), processIo());
