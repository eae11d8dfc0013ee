/** What the command starts with, in one file once it is bundled (scripts/bundle.mjs). */
export { command } from './command.ts';
export { processIo } from './io.ts';
