import { toJsonSchema } from '../config/json-schema.ts';
import { configSchema } from '../config/schema.ts';
import type { Io } from './io.ts';

/** Where the schema of the newest release lies. */
const id = 'https://raw.githubusercontent.com/local-mtls-proxy/local-mtls-proxy/main/config/proxy.schema.json';

/** `schema`: prints the JSON Schema of the configuration. */
export function printSchema(io: Io): number {
  io.stdout.write(`${JSON.stringify(toJsonSchema(configSchema, id), null, 1)}\n`);
  return 0;
}
