import * as v from 'valibot';
import { formKey } from './kinds.ts';
import { isNeverEmpty, type Shape } from './shape.ts';

/** A JSON Schema of draft 7, which editors read. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Any scalar may be, or contain, what comes from the environment. */
const reference: JsonSchema = {
  type: 'string',
  pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}',
  description: '${NAME} or ${NAME:-default}, from the environment.',
};

/** A map of which nothing is written is one. */
const mapType = ['object', 'null'];

/**
 * The configuration's schema for editors: every key with its description and its default. What needs more than one value to
 * be judged (files that exist, a key beside its certificate) only the program itself can say.
 *
 * @param id the document's address
 */
export function toJsonSchema(schema: v.GenericSchema, id: string): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: id,
    title: 'local-mtls-proxy',
    ...convert(schema),
    definitions: { reference },
  };
}

function convert(schema: v.GenericSchema): JsonSchema {
  const shape: Shape = schema;
  if (shape.wrapped !== undefined) return { ...convert(shape.wrapped), ...defaultOf(schema) };
  return { ...about(schema), ...constraints(schema, shape) };
}

function constraints(schema: v.GenericSchema, shape: Shape): JsonSchema {
  if (shape.options !== undefined) return anyOf(shape.options.map(convert));
  if (shape.entries !== undefined) return mapOf(shape.entries);
  if (shape.item !== undefined) {
    return { type: 'array', items: convert(shape.item), ...(isNeverEmpty(shape) && { minItems: 1 }) };
  }
  if (shape.key !== undefined && shape.value !== undefined) {
    return { type: mapType, propertyNames: formOf(shape.key), additionalProperties: convert(shape.value) };
  }
  const form = formOf(schema);
  return Array.isArray(form['type']) ? form : anyOf([form, { $ref: '#/definitions/reference' }]);
}

function mapOf(entries: NonNullable<Shape['entries']>): JsonSchema {
  const required = Object.keys(entries).filter((key) => !entries[key]?.type.endsWith('optional'));
  const properties = Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, convert(entry)]));
  return { type: mapType, properties, additionalProperties: false, ...(required.length > 0 && { required }) };
}

/** Descriptions are of keys, titles of forms; a form's own title would hide the key's name in an editor. */
function about(schema: v.GenericSchema): JsonSchema {
  const description = v.getDescription(schema);
  return description === undefined ? {} : { description };
}

/** The default as it would be written, without the quotation marks of a truth value or a number. */
function defaultOf(schema: v.GenericSchema): JsonSchema {
  const standard: unknown = v.getDefault(schema as never);
  if (standard === undefined) return {};
  if (standard === 'true' || standard === 'false') return { default: standard === 'true' };
  return { default: typeof standard === 'string' && /^\d+$/.test(standard) ? Number(standard) : standard };
}

function formOf(schema: v.GenericSchema): JsonSchema {
  return v.getMetadata(schema as never)[formKey] as JsonSchema;
}

/** A choice; choices inside of it that say nothing else become part of it. */
function anyOf(forms: readonly JsonSchema[]): JsonSchema {
  const flat = forms.flatMap((form) => {
    const inner = form['anyOf'];
    return Array.isArray(inner) && Object.keys(form).length === 1 ? (inner as JsonSchema[]) : [form];
  });
  const unique = new Map(flat.map((form) => [JSON.stringify(form), form]));
  return { anyOf: [...unique.values()] };
}
