#!/usr/bin/env node
import { command } from './cli/command.js';
import { processIo } from './cli/io.js';
process.exitCode = await command(process.argv.slice(2), processIo());
//# sourceMappingURL=main.js.map